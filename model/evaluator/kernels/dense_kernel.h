// The inner loops of a dense layer, vectorised for each instruction set: the product of some rows
// with a panel of packed weights, and the counts of what the activations made of it.
//
// A panel holds the weights of `panel_units` neighbouring units, [inputs, panel_units] and
// row-major, padded with zeros behind the last unit. What comes of a panel and some rows is a tile,
// [rows, panel_units] without gaps.
//
// Every element of a product is one chain of multiply-adds over the inputs in ascending order,
// begun at zero, and then the bias. So it depends on its row and its unit alone, to the last bit:
// not on how many rows or panels are multiplied together. Instruction sets differ by roundings:
// SSE2 has no fused multiply-add.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
#define MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_

#include <cstdint>

#include "model/cpu/instruction_set.h"

namespace mlp {

// The most that any instruction set has.
inline constexpr int kMostPanelUnits = 32;
inline constexpr int kMostTileRows = 12;
inline constexpr int kMostPanelsTogether = 4;

// Sums over the rows of tiles, for each unit of a panel.
struct alignas(64) TileSums {
  float lower_tail[kMostPanelUnits] = {};  // rows with z <= lower bound; whole numbers
  float upper_tail[kMostPanelUnits] = {};  // rows with z >= upper bound; whole numbers
  float values[kMostPanelUnits] = {};      // of a
  float squares[kMostPanelUnits] = {};     // of a * a
  float slopes[kMostPanelUnits] = {};      // of |f'(z)|
};

// Activations beyond it, whose squares a float cannot sum, are left out of a TileSums' last three.
inline constexpr float kGreatestSummed = 1e16F;

struct DenseKernel {
  int panel_units;  // 2 packets
  int tile_rows;    // the most rows that `multiply` takes
  // How many panels `multiply` does best together, by rows - 1: few rows alone would wait for the
  // latency of their multiply-adds.
  int panels_together[kMostTileRows];

  // Tiles z = x W + b of `rows` rows in [1, tile_rows], x being at rows x + r * x_stride, with
  // `panels` panels: panels_together[rows - 1], or 1. Panels lie one behind the other, aligned to
  // 64 bytes, and so do their biases, panel_units each, and the tiles.
  void (*multiply)(const float* x, std::int64_t x_stride, int rows, const float* panel,
                   const float* bias, int panels, std::int64_t inputs, float* z);

  // Adds a tile of pre-activations z, activations a and slopes to `sums`. `lower` and `upper` have
  // the bounds of the panel's units, NaN where there is none. Returns whether some of the tile's
  // activations were left out, being NaN or beyond kGreatestSummed. No more than 2^24 rows may be
  // added to one TileSums.
  bool (*count)(const float* z, const float* a, const float* slopes, int rows, const float* lower,
                const float* upper, TileSums& sums);
};

// The kernel for `instruction_set`, which the CPU must support.
const DenseKernel& DenseKernelOf(InstructionSet instruction_set);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_KERNELS_DENSE_KERNEL_H_
