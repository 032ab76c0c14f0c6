// How an evaluator stores the weights of dense layers. With few rows, the speed is limited by
// reading the weights, so narrower ones are faster. Products are summed in float with any storage.

#ifndef MLP_MODEL_WEIGHT_STORAGE_H_
#define MLP_MODEL_WEIGHT_STORAGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

enum class WeightStorage {
  // Unchanged.
  kFloat32,

  // The upper half of a float, rounded to nearest, ties to even: a relative error of at most 2^-8.
  // A weight beyond the greatest bfloat16 becomes infinite, NaN stays NaN.
  kBfloat16,

  // w = q s, with an integer q in [-127, 127], rounded to nearest, ties to even, and one float s =
  // max |w| / 127 for each unit. The error is at most s / 2, plus the rounding of s. A unit with a
  // weight that is not finite gives NaN, and sums of x q beyond 2^104 overflow. A unit whose
  // weights are all below 10^-28 is rounded more coarsely.
  kInt8,
};

inline constexpr int kWeightStorageCount = 3;

// "float32", "bfloat16" or "int8".
absl::string_view NameOf(WeightStorage storage);

// The storage called `name`, in upper or lower case. INVALID_ARGUMENT quotes the name and lists the
// valid ones.
absl::StatusOr<WeightStorage> ParseWeightStorage(absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_WEIGHT_STORAGE_H_
