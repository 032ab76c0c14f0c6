// Makes a baseline from rows that are known to be right. Definitions: docs/reference/drift.md.

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

// With fewer rows, a baseline's level is so uncertain that it may alarm forever.
inline constexpr std::int64_t kFewCalibrationRows = 2000;

// Limits the number of input values, of a hidden layer's units and of a regression's output values.
inline constexpr std::int64_t kMaxCalibratedUnits = std::int64_t{1} << 16;

struct CalibrationOptions {
  std::string model_digest;  // of the network before an Evaluator takes it (network_digest.h)
  BaselineSource source = BaselineSource::kCalibration;

  // Called on the calling thread every few hundred rows, with the completed share in [0, 1]. The
  // calibration stops once `cancelled` returns true. Either may be empty.
  std::function<void(double share)> progress{};
  std::function<bool()> cancelled{};
};

struct CalibratedBaseline {
  Baseline baseline;
  // One sentence each: too few rows or too few distinct rows, values that are not finite, inputs
  // and layers that hardly vary.
  std::vector<std::string> warnings;
};

// Evaluates `rows` rows of `inputs`, one array for each of the network's inputs, [rows, its width],
// as in Evaluate, and makes a baseline of the results. Reads the rows several times: for centers
// and scales, for means and covariances, and once more for each target of more than 128 units, or
// twice if it has more than 1,024 units. All but the first pass run on the calling thread only.
//
// p is the number of components that one matrix whitens: 64 for a panel. Warns of fewer than
// max(2,000, 10 p) rows. INVALID_ARGUMENT, with the target and the count: fewer than p + 2 rows,
// rows that are all the same, no finite answer, or values too large to compare. UNIMPLEMENTED: a
// target wider than kMaxCalibratedUnits. CANCELLED: `cancelled` returned true.
absl::StatusOr<CalibratedBaseline> Calibrate(const Evaluator& evaluator, std::int64_t rows,
                                             absl::Span<const float* const> inputs,
                                             const CalibrationOptions& options);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_CALIBRATION_H_
