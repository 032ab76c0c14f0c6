// What the calls of insight ask of the rest of the process.

#ifndef MLP_SERVER_RPC_INSIGHT_HANDLERS_H_
#define MLP_SERVER_RPC_INSIGHT_HANDLERS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/insight/insight.h"

namespace mlp {

// All are thread-safe. A version is its number, a label, or empty for the default one.
struct InsightHandlers {
  // The text of /status.json, of one model or, where that is empty, of all. May take a while.
  std::function<absl::StatusOr<std::string>(const std::string& model)> status_json;

  // As Insight has them.
  std::function<absl::StatusOr<VersionBaseline>(const std::string& model,
                                                const std::string& version)>
      baseline;
  std::function<void(const std::string& model, const std::string& version, Insight::Done)>
      accept_windows;
  std::function<void(CalibrationRequest, Insight::Done)> calibrate;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INSIGHT_HANDLERS_H_
