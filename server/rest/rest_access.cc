#include "server/rest/rest_access.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace mlp {
namespace {

// The call's name in the audit: that of the gRPC call with the same effect.
absl::string_view NameOfRestCall(RestCall call) {
  switch (call) {
    case RestCall::kServerMetadata:
      return "ServerMetadata";
    case RestCall::kServerLive:
      return "ServerLive";
    case RestCall::kServerReady:
      return "ServerReady";
    case RestCall::kModelMetadata:
      return "ModelMetadata";
    case RestCall::kModelReady:
      return "ModelReady";
    case RestCall::kModelConfig:
      return "ModelConfig";
    case RestCall::kModelStatistics:
      return "ModelStatistics";
    case RestCall::kInfer:
      return "ModelInfer";
    case RestCall::kRepositoryIndex:
      return "RepositoryIndex";
    case RestCall::kModelLoad:
      return "RepositoryModelLoad";
    case RestCall::kModelUnload:
      return "RepositoryModelUnload";
    case RestCall::kLogSettings:
    case RestCall::kLogUpdate:
      return "LogSettings";
  }
  return "";
}

}  // namespace

Role RoleOf(RestCall call) {
  switch (call) {
    case RestCall::kInfer:
      return Role::kInfer;
    case RestCall::kModelLoad:
    case RestCall::kModelUnload:
    case RestCall::kLogSettings:
    case RestCall::kLogUpdate:
      return Role::kAdmin;
    default:
      return Role::kObserve;
  }
}

absl::Status AdmitRestCall(CallGate& gate, const RestPath& path, const Credentials& credentials,
                           absl::string_view from, std::optional<CallPass>& pass) {
  const Role role = RoleOf(path.call);
  const bool is_health = path.call == RestCall::kServerLive || path.call == RestCall::kServerReady;
  const bool asks = gate.asks_callers() && (!is_health || gate.asks_callers_of_health());
  // Admin calls are audited even if everyone may make them.
  if (!asks && role != Role::kAdmin) return absl::OkStatus();
  CallAttempt attempt{.credentials = credentials,
                      .at_admin_address = false,
                      .from = [from = std::string(from)] { return from; }};
  absl::StatusOr<CallPass> admitted =
      gate.Admit(std::move(attempt), role, NameOfRestCall(path.call));
  if (!admitted.ok()) return admitted.status();
  pass = *std::move(admitted);
  const bool is_of_all = path.call == RestCall::kRepositoryIndex ||
                         path.call == RestCall::kLogSettings || path.call == RestCall::kLogUpdate ||
                         (path.call == RestCall::kModelStatistics && path.model.empty());
  return is_of_all ? pass->CheckAllModels() : pass->CheckModel(path.model);
}

}  // namespace mlp
