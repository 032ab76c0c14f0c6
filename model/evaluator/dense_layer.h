// A dense layer as the evaluator stores it: its weights are packed for the kernels of one
// instruction set. The activation and its counting are fused with the product: they run while a
// tile of pre-activations is in the first-level cache. Internal to model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_DENSE_LAYER_H_
#define MLP_MODEL_EVALUATOR_DENSE_LAYER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/activations/kernels/activation_kernel.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/aligned_memory.h"
#include "model/evaluator/kernels/dense_kernel.h"
#include "model/evaluator/layer_activity.h"
#include "model/evaluator/packed_weights.h"
#include "model/evaluator/saturation_bounds.h"
#include "model/network.h"

namespace mlp {

// Consecutive panels of a layer (packed_weights.h).
struct PanelRange {
  std::int64_t first;
  std::int64_t end;
};

// Immutable: any number of threads may evaluate with it at the same time.
class DenseLayer final {
 public:
  // Copies what it needs of `layer`, which must be dense. `bounds` are the layer's tails.
  DenseLayer(const Layer& layer, const SaturationBounds& bounds, InstructionSet instruction_set,
             WeightStorage storage = WeightStorage::kFloat32);

  // The size of `scratch`, in floats, needed to evaluate up to `rows` rows.
  std::int64_t ScratchFloats(std::int64_t rows) const;

  // All panels, and part `index` of `parts` >= 1 parts of about equal size. Several threads may
  // evaluate different parts at the same time. A part may be empty.
  PanelRange AllPanels() const { return {0, weights_.panels()}; }
  PanelRange PartOfPanels(std::int64_t index, std::int64_t parts) const;

  // For the units of `panels` and `rows` >= 0 rows of x, x_stride apart: writes z = x W + b to `z`,
  // [rows, units], unless it is null, and a = f(z) to `a`, [rows, units]. Adds the activation's
  // counts to `activity`, except `rows`, unless it is null. REQUIRES: an element-wise activation,
  // and ScratchFloats(rows) floats in `scratch`.
  void Evaluate(const float* x, std::int64_t x_stride, std::int64_t rows, PanelRange panels,
                float* scratch, float* z, float* a, LayerActivity* activity) const;

  // The memory of the layer's packed values, in bytes.
  std::int64_t bytes() const;

  // As Evaluate, but computes only z, for any activation.
  void PreActivations(const float* x, std::int64_t x_stride, std::int64_t rows, PanelRange panels,
                      float* scratch, float* z) const;

 private:
  struct Tile;

  // Rows in the layout that the kernels read fastest.
  struct Rows {
    const float* x;
    std::int64_t stride;
    std::int64_t count;
  };

  // Where the sums of a panel's units go.
  struct PanelSums {
    TileSums* sums;
    int first_unit;
    bool is_first;  // no sums are there yet
  };

  Rows CopyToSpreadStride(const Rows& rows, float* scratch) const;

  // Calls `take(tile, first_row, sums)` with every tile, and `finish(panel, sums)` after a panel's
  // last tile.
  template <typename Take, typename Finish>
  void ForEachTile(const Rows& rows, PanelRange panels, const Take& take,
                   const Finish& finish) const;
  void EvaluateFewRows(const Rows& rows, float* z, float* a, LayerActivity& activity) const;
  void Activate(Tile& tile, int index, std::int64_t first_row, float* z, float* a,
                LayerActivity* activity, const PanelSums& sums) const;
  void CountLeftOut(const ActivationTile& tile, std::uint32_t left_out, std::int64_t first_unit,
                    int units, LayerActivity& activity) const;
  void Store(const float* tile, std::int64_t tile_stride, std::int64_t panel,
             std::int64_t first_row, int rows, float* matrix) const;

  const DenseKernel* kernel_;
  const ActivationKernel* activation_;
  std::vector<float> parameters_;
  std::int64_t inputs_;
  std::int64_t units_;
  PackedWeights weights_;
  AlignedArray<float> bias_;    // [padded units], as are the following
  AlignedArray<float> alphas_;  // null unless PReLU
  AlignedArray<float> lower_bounds_;
  AlignedArray<float> upper_bounds_;
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_DENSE_LAYER_H_
