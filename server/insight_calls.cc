#include "server/insight_calls.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/status_page/status_page.h"

namespace mlp {

absl::StatusOr<std::string> StatusJsonOf(Status status, const std::string& model) {
  if (model.empty()) return StatusJson(status);
  std::vector<StatusModel> versions;
  for (StatusModel& version : status.models) {
    if (version.name == model) versions.push_back(std::move(version));
  }
  if (versions.empty())
    return absl::NotFoundError(absl::StrCat("model ", Quote(model), " is unknown"));
  status.models = std::move(versions);
  return StatusJson(status);
}

InsightHandlers HandlersOf(Insight& insight) {
  return {
      [&insight](const std::string& model) { return StatusJsonOf(insight.MakeStatus(), model); },
      [&insight](const std::string& model, const std::string& version) {
        return insight.BaselineOf(model, version);
      },
      [&insight](const std::string& model, const std::string& version, Insight::Done done) {
        insight.AcceptWindows(model, version, std::move(done));
      },
      [&insight](CalibrationRequest request, Insight::Done done) {
        insight.Calibrate(std::move(request), std::move(done));
      }};
}

}  // namespace mlp
