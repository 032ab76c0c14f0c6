// The inner loops of a dense layer, vectorised for each instruction set: the product of some rows
// and a panel of packed weights, and the merging of the counts. The activation and its counting,
// which run in between, are in model/activations/kernels.
//
// A panel holds the weights of `panel_units` consecutive units, packed as
// model/evaluator/packed_weights.h describes. A layer's last panel is narrow, with half as many
// units, if they suffice. The product of some rows and a panel is a tile, [rows, units of the
// panel], without gaps.
//
// Every element of a product is one chain of multiply-adds over the inputs in ascending order,
// starting at zero; the sum is multiplied by the unit's scale if the weights are int8, and then the
// bias is added. To the last bit, it depends only on its row and its unit, not on how many rows or
// panels are multiplied together. Instruction sets differ by rounding: SSE2 has no fused
// multiply-add.
//
// Stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
#define MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_

#include <cstdint>

#include "model/activations/kernels/activation_tile.h"
#include "model/cpu/instruction_set.h"
#include "model/weight_storage.h"

namespace mlp {

// The greatest values over all instruction sets.
inline constexpr int kMaxTileRows = 12;
inline constexpr int kMaxPanelsTogether = 4;

// The destination of a panel's sums, one entry for each unit.
struct UnitTotals {
  std::int64_t* lower_tail;
  std::int64_t* upper_tail;
  std::int64_t* negative;
  double* values;
  double* slopes;
};

// Sums over all units of a layer, in eight independent parts, which vectorise.
inline constexpr int kTotalParts = 8;
struct alignas(64) TileTotals {
  double squares[kTotalParts] = {};
};

// Consecutive panels that are multiplied together. Their number is panels_together[rows - 1], or 2
// if that is greater, or 1; a narrow panel is multiplied alone.
struct PanelView {
  int units;                   // of all panels together
  const std::uint32_t* words;  // laid out as in PackedWeights; this and the following are aligned
                               // to 64 bytes
  const float* bias;           // [units]
  const float* scales;         // [units]; read only for int8
  bool is_far;                 // weights are in main memory, and this is the first of several tiles
                               // that read them
};

struct DenseKernel {
  int panel_units;  // 2 packets; a narrow panel has 1
  int tile_rows;    // the most rows that `multiply` takes
  // How many panels `multiply` best takes together, indexed by rows - 1: a few rows and one panel
  // would wait for the latency of their multiply-adds.
  int panels_together[kMaxTileRows];

  // Computes the tiles z = x W + b for `rows` rows in [1, tile_rows]; row r of x is at x + r *
  // x_stride. z is aligned to 64 bytes. One function for each WeightStorage.
  void (*multiply[kWeightStorageCount])(const float* x, std::int64_t x_stride, int rows,
                                        const PanelView& panels, std::int64_t inputs, float* z);

  // Adds the sums of a panel's first `units` units to each unit's totals and to the totals over all
  // units.
  void (*merge)(const TileSums& sums, int units, const UnitTotals& of_units, TileTotals& totals);
};

// The kernel for `instruction_set`. REQUIRES: the CPU supports it.
const DenseKernel& DenseKernelOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
