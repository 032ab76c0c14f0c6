#include "server/http_access.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/access/basic_password.h"

namespace mlp {
namespace {

constexpr absl::string_view kModels = "/models/";

// The name of the request in the audit.
absl::string_view NameOfPage(absl::string_view path) {
  return path == "/metrics" ? "HttpMetrics" : "HttpPage";
}

absl::Status CheckHttpCaller(CallGate& gate, const HttpCaller& caller, bool encrypted) {
  CallAttempt attempt;
  attempt.credentials.authorization = caller.authorization;
  attempt.credentials.encrypted = encrypted;
  attempt.from = [from = std::string(caller.from)] { return from; };
  std::string as_bearer;
  absl::string_view value;
  if (caller.authorization.size() == 1) {
    if (const auto password = BasicPassword(caller.authorization.front())) {
      as_bearer = absl::StrCat("Bearer ", *password);
      value = as_bearer;
      attempt.credentials.authorization = absl::MakeConstSpan(&value, 1);
    }
  }
  absl::StatusOr<CallPass> pass =
      gate.Admit(std::move(attempt), Role::kObserve, NameOfPage(caller.path));
  if (!pass.ok()) return pass.status();
  if (!absl::StartsWith(caller.path, kModels)) return pass->CheckAllModels();
  const absl::string_view model = caller.path.substr(kModels.size());
  return pass->CheckModel(model.substr(0, model.find('/')));
}

}  // namespace

HttpAdmission AdmitHttpCaller(CallGate& gate, const HttpCaller& caller, bool encrypted) {
  const absl::Status status = CheckHttpCaller(gate, caller, encrypted);
  if (status.ok()) return HttpAdmission::kGranted;
  if (absl::IsUnauthenticated(status)) return HttpAdmission::kUnknownCaller;
  return absl::IsPermissionDenied(status) ? HttpAdmission::kDenied : HttpAdmission::kUndecided;
}

}  // namespace mlp
