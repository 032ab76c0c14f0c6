// The metadata of a baseline's file. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_BASELINE_METADATA_H_
#define MLP_MODEL_DRIFT_BASELINE_METADATA_H_

namespace mlp {

inline constexpr char kFormatKey[] = "format";
inline constexpr char kBaselineFormat[] = "mlpserve baseline 1";
inline constexpr char kDigestKey[] = "model_digest";
inline constexpr char kSourceKey[] = "source";
inline constexpr char kRowsKey[] = "rows";
inline constexpr char kCreatedKey[] = "created";
inline constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";  // UTC

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_METADATA_H_
