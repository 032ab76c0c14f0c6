// The inner loops of a dense layer, vectorised for each instruction set: the product of some rows
// with a panel of packed weights, and the adding up of what was counted of it. What lies between
// them, the activation and the counting, is model/activations/kernels.
//
// A panel holds the weights of `panel_units` neighbouring units, packed as
// model/evaluator/packed_weights.h has it. A layer's last panel is narrow, of half as many units,
// where they suffice. What comes of a panel and some rows is a tile, [rows, units of the panel]
// without gaps.
//
// Every element of a product is one chain of multiply-adds over the inputs in ascending order,
// begun at zero, times the unit's scale where the weights are int8, and then the bias. So it
// depends on its row and its unit alone, to the last bit: not on how many rows or panels are
// multiplied together. Instruction sets differ by roundings: SSE2 has no fused multiply-add.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
#define MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_

#include <cstdint>

#include "model/activations/kernels/activation_tile.h"
#include "model/cpu/instruction_set.h"
#include "model/weight_storage.h"

namespace mlp {

// The most that any instruction set has.
inline constexpr int kMostTileRows = 12;
inline constexpr int kMostPanelsTogether = 4;

// Where the sums of a panel's units go, one entry for each.
struct UnitTotals {
  std::int64_t* lower_tail;
  std::int64_t* upper_tail;
  std::int64_t* negative;
  double* values;
  double* slopes;
};

// Sums over all units of a layer, in eight parts, which are added side by side.
inline constexpr int kTotalParts = 8;
struct alignas(64) TileTotals {
  double squares[kTotalParts] = {};
};

// Panels that are multiplied together, one behind the other: panels_together[rows - 1] of them, two
// where that is more, one, or a narrow one.
struct PanelView {
  int units;                   // of all together
  const std::uint32_t* words;  // as PackedWeights has them; aligned to 64 bytes, as the following
  const float* bias;           // [units]
  const float* scales;         // [units]; read for int8 alone
  bool is_far;                 // in main memory: and of several tiles, this is the first to read
};

struct DenseKernel {
  int panel_units;  // 2 packets; a narrow panel has 1
  int tile_rows;    // the most rows that `multiply` takes
  // How many panels `multiply` does best together, by rows - 1: few rows alone would wait for the
  // latency of their multiply-adds.
  int panels_together[kMostTileRows];

  // Tiles z = x W + b of `rows` rows in [1, tile_rows], x being at rows x + r * x_stride, aligned
  // to 64 bytes. One function for each WeightStorage.
  void (*multiply[kWeightStorageCount])(const float* x, std::int64_t x_stride, int rows,
                                        const PanelView& panels, std::int64_t inputs, float* z);

  // Adds the sums of a panel's first `units` units to those of each, and to the totals of all.
  void (*merge)(const TileSums& sums, int units, const UnitTotals& of_units, TileTotals& totals);
};

// The kernel for `instruction_set`, which the CPU must support.
const DenseKernel& DenseKernelOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
