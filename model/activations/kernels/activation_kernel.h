// The activations' vectorised evaluation, for each instruction set.
//
// Values are at most 4 ulp from the correctly rounded ones on every instruction set, over all
// floats; docs/activations.md has the measured errors. Instruction sets may differ from one another
// within that. Within one, the value of an element depends on the element alone: not on its place
// in the array, nor on the array's length or alignment (row functions excepted, whose elements
// depend on the row). Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_
#define MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_

#include <cstdint>

#include "model/activations/activation_kind.h"
#include "model/activations/kernels/activation_tile.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// `parameters` are the kind's scalar parameters in the registry's order; `unit_alpha` has `count`
// values for PReLU and is not read for any other kind.
struct ActivationKernel {
  // a[i] = f(z[i]) for i in [0, count). `a` may be `z`. For a row function the `count` values are
  // those of one row, at least 1, and for the GLU family, where count is even, count / 2 come out.
  void (*values)(const float* z, const float* parameters, const float* unit_alpha,
                 std::int64_t count, float* a);

  // slopes[i] = |f'(z[i])|, given a[i] = f(z[i]), to 1e-5 of sup|f'| (of itself for the
  // exponential, which has none). At a kink it is 0 where one side is flat, else that from the
  // left. `slopes` may be `z` or `a`. Null for row functions.
  void (*slopes)(const float* z, const float* a, const float* parameters, const float* unit_alpha,
                 std::int64_t count, float* slopes);

  // The values of a tile. Null for row functions, and so the next.
  void (*activate)(const ActivationTile& tile);

  // The same, and adds the tile to `sums`: its tails, its values and their slopes, all in one pass.
  // Returns a bit for each unit of which it added the tails alone, because values of it or of its
  // neighbours are NaN or too large. No more than 2^24 rows may be added to one TileSums.
  std::uint32_t (*activate_and_count)(const ActivationTile& tile, TileSums& sums);
};

// Of every ActivationKind.
using ActivationKernels = ActivationKernel[kActivationKindCount];

// The kernel of `kind`. The CPU must support `instruction_set`.
const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_
