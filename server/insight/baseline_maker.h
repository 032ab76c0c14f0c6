// Makes baselines for served versions.

#ifndef MLP_SERVER_INSIGHT_BASELINE_MAKER_H_
#define MLP_SERVER_INSIGHT_BASELINE_MAKER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/drift/baseline.h"
#include "server/insight/insight.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Whether the rows can be evaluated. INVALID_ARGUMENT names what does not fit. RESOURCE_EXHAUSTED
// if they take more than Insight::kMaxCalibrationBytes.
absl::Status CheckCalibrationRows(const Network& network, std::int64_t rows,
                                  const std::vector<std::vector<float>>& inputs);

// Calls `make`. RESOURCE_EXHAUSTED if it runs out of memory.
absl::StatusOr<VersionBaseline> WithinMemory(
    const std::function<absl::StatusOr<VersionBaseline>()>& make);

// The baseline together with the bytes of its file.
VersionBaseline WithFile(const ServedModel& served, std::shared_ptr<const Baseline> baseline);

// Errors are those of Calibrate (model/drift/calibration.h). REQUIRES: the rows fit.
absl::StatusOr<VersionBaseline> CalibrateVersion(const ServedModel& served, std::int64_t rows,
                                                 const std::vector<std::vector<float>>& inputs,
                                                 BaselineSource source,
                                                 const std::function<bool()>& cancelled);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_BASELINE_MAKER_H_
