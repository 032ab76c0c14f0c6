// A dense layer as the evaluator keeps it: its weights packed for the instruction set's kernel, and
// its activation and the counting of it fused behind the product, while a tile of pre-activations
// is in the first-level cache. Internal to model/evaluator.

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

// Neighbouring panels of a layer (packed_weights.h).
struct PanelRange {
  std::int64_t first;
  std::int64_t end;
};

// Immutable: any number of threads may evaluate with it at the same time.
class DenseLayer final {
 public:
  // Copies what it needs of `layer`, which is dense. `bounds` are its tails.
  DenseLayer(const Layer& layer, const SaturationBounds& bounds, InstructionSet instruction_set,
             WeightStorage storage = WeightStorage::kFloat32);

  // The floats that evaluating up to `rows` rows takes as `scratch`.
  std::int64_t ScratchFloats(std::int64_t rows) const;

  // All of them, and the part `index` of `parts` >= 1 about equal ones, which several threads may
  // evaluate at the same time. A part may be empty.
  PanelRange AllPanels() const { return {0, weights_.panels()}; }
  PanelRange PartOfPanels(std::int64_t index, std::int64_t parts) const;

  // z = x W + b for `rows` >= 0 rows of x, which are x_stride apart, and the units of `panels`,
  // into z, [rows, units]; and a = f(z) into a, [rows, units]. `z` may be null where nobody reads
  // it. Adds what the activation did to `activity`, but for its rows, unless it is null. REQUIRES:
  // an element-wise activation, and ScratchFloats(rows) of `scratch`.
  void Evaluate(const float* x, std::int64_t x_stride, std::int64_t rows, PanelRange panels,
                float* scratch, float* z, float* a, LayerActivity* activity) const;

  // What the layer's values take packed, in bytes.
  std::int64_t bytes() const;

  // z alone.
  void PreActivations(const float* x, std::int64_t x_stride, std::int64_t rows, PanelRange panels,
                      float* scratch, float* z) const;

 private:
  struct Tile;

  // Rows to read, where the kernels read them best.
  struct Rows {
    const float* x;
    std::int64_t stride;
    std::int64_t count;
  };

  // Where a panel's units are summed.
  struct PanelSums {
    TileSums* sums;
    int first_unit;
    bool is_first;  // nothing is there yet
  };

  Rows Spread(const Rows& rows, float* scratch) const;

  // Calls `take(tile, first_row, sums)` with every tile; `finish(panel, sums)` behind a panel's
  // last.
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
  AlignedArray<float> bias_;    // [padded units], and so the following
  AlignedArray<float> alphas_;  // zeros but for PReLU
  AlignedArray<float> lower_bounds_;
  AlignedArray<float> upper_bounds_;
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_DENSE_LAYER_H_
