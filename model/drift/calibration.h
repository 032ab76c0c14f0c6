// Makes a baseline of rows that are known to be right. Definitions: docs/drift.md.

#ifndef MLP_MODEL_DRIFT_CALIBRATION_H_
#define MLP_MODEL_DRIFT_CALIBRATION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/drift/baseline.h"
#include "model/evaluator/evaluator.h"

namespace mlp {

// Rows under which a baseline's level is so uncertain that it may alarm for ever.
inline constexpr std::int64_t kFewCalibrationRows = 2000;

// The most values of the inputs, units of a hidden layer and values of a regression's outputs.
inline constexpr std::int64_t kMostCalibratedUnits = std::int64_t{1} << 16;

struct CalibrationOptions {
  std::string model_digest;  // of the network before an Evaluator took it (network_digest.h)
  BaselineSource source = BaselineSource::kCalibration;

  // Called on the calling thread after each some hundred rows, with the share in [0, 1] that is
  // done. Once `cancelled` gives true, the calibration ends. Either may be empty.
  std::function<void(double share)> progress{};
  std::function<bool()> cancelled{};
};

struct CalibratedBaseline {
  Baseline baseline;
  // A sentence each: too few rows or too few that differ, values that are not finite, inputs and
  // layers that hardly vary.
  std::vector<std::string> warnings;
};

// Evaluates `rows` rows of `inputs`, one array for each of the network's, [rows, its width], as
// Evaluate takes them, and makes a baseline of what it does on them. The rows are read several
// times: for centers and scales, for means and covariances, and for each target of more than 128
// units once more, or twice beyond 1,024 units. On the calling thread, but for the first pass.
//
// One matrix whitens p components, and a panel of it 64. A warning for fewer than
// max(2,000, 10 p) rows. INVALID_ARGUMENT, with the target and the count, for fewer than p + 2,
// for rows that are all the same, and where no answer is finite;
// UNIMPLEMENTED for a target wider than kMostCalibratedUnits; CANCELLED.
absl::StatusOr<CalibratedBaseline> Calibrate(const Evaluator& evaluator, std::int64_t rows,
                                             absl::Span<const float* const> inputs,
                                             const CalibrationOptions& options);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_CALIBRATION_H_
