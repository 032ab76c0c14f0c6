// The activations' vectorised evaluation, for each instruction set.
//
// On every instruction set and for all floats, values are within 4 ulp of the correctly rounded
// ones; docs/measurements/activations_accuracy.md has the measured errors. Instruction sets may
// differ from each other within that limit. Within one set, an element's value depends only on the
// element, not on its position in the array or on the array's length or alignment. Row functions
// are the exception: their elements depend on the row.
//
// Stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_
#define MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_

#include <cstdint>

#include "model/activations/activation_kind.h"
#include "model/activations/kernels/activation_tile.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// `parameters` are the kind's scalar parameters in the registry's order. `unit_alpha` has `count`
// values for PReLU and is not read for other kinds.
struct ActivationKernel {
  // a[i] = f(z[i]) for i in [0, count). `a` may be `z`. For a row function, `count` >= 1 is the
  // length of one row; for the GLU family, `count` is even and `a` gets count / 2 values.
  void (*values)(const float* z, const float* parameters, const float* unit_alpha,
                 std::int64_t count, float* a);

  // slopes[i] = |f'(z[i])|, given a[i] = f(z[i]), with an error of at most 1e-5 sup|f'|; for the
  // exponential, which has no supremum, 1e-5 |f'(z[i])|. At a kink, the slope is 0 if one side is
  // flat, and otherwise the slope from the left. `slopes` may be `z` or `a`. Null for row
  // functions.
  void (*slopes)(const float* z, const float* a, const float* parameters, const float* unit_alpha,
                 std::int64_t count, float* slopes);

  // Computes the values of a tile. This and the next are null for row functions.
  void (*activate)(const ActivationTile& tile);

  // The same, and adds the tile's tails, values and slopes to `sums` in the same pass. Returns a
  // bit for each unit for which it added only the tails, because values of the unit or of its
  // neighbours are NaN or too large. At most 2^24 rows may be added to one TileSums.
  std::uint32_t (*activate_and_count)(const ActivationTile& tile, TileSums& sums);
};

// One for each ActivationKind.
using ActivationKernels = ActivationKernel[kActivationKindCount];

// The kernel of `kind`. REQUIRES: the CPU supports `instruction_set`.
const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_KERNEL_H_
