// Compares the values of some rows with a reference, vectorised for each instruction set: sums of c
// = clip((x - center) / scale, ±4) and of c² (docs/reference/drift.md), and rows with a value
// outside a range.
//
// Stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_
#define MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_

#include <cstdint>

#include "model/cpu/instruction_set.h"

namespace mlp {

// Sums in float over more rows than this would lose digits.
inline constexpr std::int64_t kMaxValueRows = 64;

// The limit of |c|.
inline constexpr float kMaxDeviations = 4.0F;

// Each array has one entry for each value.
struct ReferenceView {
  const float* center;
  const float* inverse_scale;
  const float* minimum;
  const float* maximum;
};

// Faults of a row.
enum RowFaults : unsigned {
  kHasOutOfRange = 1,  // a value below its minimum or above its maximum
  kHasMissing = 2,     // a NaN
  kHasInfinity = 4,
};

// Sums over the scores of one row, from which its probabilities follow.
struct RowScores {
  std::int64_t predicted;  // the first of the greatest scores
  float greatest;
  float sum;
  float weighed;
};

struct ValueKernel {
  // For `rows` in [0, kMaxValueRows] rows of `values` values, with each row at x + row * stride:
  // adds Σc to `sums` and Σc² to `squares`, both [values]; a NaN counts as c = 0. Sets outside[row]
  // if any value of the row is outside its range, as NaN always is. Never clears outside[row].
  void (*add)(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
              const ReferenceView& bounds, double* sums, double* squares, bool* outside);

  // Only the second half of `add`, with the same range for all values.
  void (*find_outside)(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
                       float minimum, float maximum, bool* outside);

  // The RowFaults of one row. If `minimum` is null, nothing is out of range.
  unsigned (*faults)(const float* x, std::int64_t values, const float* minimum,
                     const float* maximum);

  // For `rows` rows of `classes` >= 1 probabilities p: Σp, and Σp ln p as `weighed`. If a value is
  // NaN or infinite, the sum is not finite.
  void (*of_probabilities)(const float* p, std::int64_t rows, std::int64_t classes,
                           RowScores* scores);

  // For rows of logits z, with e = exp(z - greatest): Σe, and Σe (z - greatest) as `weighed`. As
  // above, but a negative infinity is a probability of 0.
  void (*of_logits)(const float* z, std::int64_t rows, std::int64_t classes, RowScores* scores);
};

// The kernel for `instruction_set`. REQUIRES: the CPU supports it.
const ValueKernel& ValueKernelOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_
