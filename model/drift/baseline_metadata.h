// The metadata of a baseline's file. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_BASELINE_METADATA_H_
#define MLP_MODEL_DRIFT_BASELINE_METADATA_H_

#include "absl/strings/string_view.h"
#include "model/drift/baseline.h"

namespace mlp {

inline constexpr char kFormatKey[] = "format";
inline constexpr char kBaselineFormat[] = "mlpserve baseline 1";
inline constexpr char kDigestKey[] = "model_digest";
inline constexpr char kSourceKey[] = "source";
inline constexpr char kRowsKey[] = "rows";
inline constexpr char kCreatedKey[] = "created";
inline constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";  // UTC

// As the file and the metrics' label `source` have it.
inline absl::string_view WordOf(BaselineSource source) {
  return source == BaselineSource::kCalibration ? "calibration" : "live_traffic";
}

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_METADATA_H_
