// What the insight calls need from the rest of the process.

#ifndef MLP_SERVER_RPC_INSIGHT_HANDLERS_H_
#define MLP_SERVER_RPC_INSIGHT_HANDLERS_H_

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/insight/insight.h"

namespace mlp {

// How long a client may take for the rows of a calibration, before another gets its turn: for each
// message, and for all of them.
struct CalibrationTimes {
  std::chrono::milliseconds silence = std::chrono::seconds(30);
  std::chrono::milliseconds rows = std::chrono::minutes(10);
};

// All are thread-safe. A version is a number, a label, or empty for the default.
struct InsightHandlers {
  // /status.json for one model, or for all models if `model` is empty. May take a while.
  std::function<absl::StatusOr<std::string>(const std::string& model)> status_json;

  // Like the functions of Insight.
  std::function<absl::StatusOr<VersionBaseline>(const std::string& model,
                                                const std::string& version)>
      baseline;
  std::function<void(const std::string& model, const std::string& version, Insight::Done)>
      accept_windows;
  std::function<void(CalibrationRequest, Insight::Done)> calibrate;
  CalibrationTimes calibration_times{};
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INSIGHT_HANDLERS_H_
