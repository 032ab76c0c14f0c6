// How an evaluator keeps the weights of dense layers. The narrower, the fewer bytes there are to
// read, which is what bounds a batch of few rows; the products are summed in float whichever it is.

#ifndef MLP_MODEL_WEIGHT_STORAGE_H_
#define MLP_MODEL_WEIGHT_STORAGE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

enum class WeightStorage {
  // As they are.
  kFloat32,

  // The upper half of a float, rounded to nearest, ties to even: a relative error of at most 2^-8.
  // A weight beyond the greatest bfloat16 becomes infinite, NaN stays NaN.
  kBfloat16,

  // w = q s with a whole q in [-127, 127], rounded to nearest, ties to even, and for each unit one
  // float s = max |w| / 127: an error of at most s / 2, but for the rounding of s. A unit with a
  // weight that is not finite answers NaN, and sums of x q beyond 2^104 overflow. Units of weights
  // below 10^-28 alone are rounded more coarsely.
  kInt8,
};

inline constexpr int kWeightStorageCount = 3;

// "float32", "bfloat16" or "int8".
absl::string_view NameOf(WeightStorage storage);

// The storage that goes by `name`, in upper or lower case. INVALID_ARGUMENT names it and lists
// those there are.
absl::StatusOr<WeightStorage> ParseWeightStorage(absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_WEIGHT_STORAGE_H_
