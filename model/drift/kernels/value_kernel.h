// Looks at the values of some rows beside a reference, vectorised for each instruction set: sums of
// c = clip((x - center) / scale, ±4) and c² (docs/drift.md), and rows with a value that is outside
// of a range.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_
#define MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_

#include <cstdint>

#include "model/cpu/instruction_set.h"

namespace mlp {

// Short sums over more rows than this would lose digits.
inline constexpr std::int64_t kMostValueRows = 64;

// c is at most this, and at least minus it.
inline constexpr float kMostDeviations = 4.0F;

// One of each for each value.
struct ReferenceView {
  const float* center;
  const float* inverse_scale;
  const float* minimum;
  const float* maximum;
};

// What a row has.
enum RowFaults : unsigned {
  kHasOutOfRange = 1,  // a value below its minimum or above its maximum
  kHasMissing = 2,     // a NaN
  kHasInfinity = 4,
};

struct ValueKernel {
  // Over `rows` in [0, kMostValueRows] rows of `values` values, x being at x + row * stride: adds
  // Σc to `sums` and Σc² to `squares`, [values]; a NaN counts as c = 0. Sets outside[row] where not
  // every value of the row is in its range, as NaN never is; what was set stays.
  void (*add)(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
              const ReferenceView& bounds, double* sums, double* squares, bool* outside);

  // The second half of `add` alone, with the same range for all values.
  void (*find_outside)(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t values,
                       float minimum, float maximum, bool* outside);

  // The RowFaults of one row. Without `minimum` nothing is out of range.
  unsigned (*faults)(const float* x, std::int64_t values, const float* minimum,
                     const float* maximum);
};

// The kernel for `instruction_set`, which the CPU must support.
const ValueKernel& ValueKernelOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_KERNELS_VALUE_KERNEL_H_
