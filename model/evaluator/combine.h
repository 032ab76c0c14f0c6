// How layers make their pre-activations from what they read. Internal to model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_COMBINE_H_
#define MLP_MODEL_EVALUATOR_COMBINE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/network.h"

namespace mlp {

// A matrix to read: row `r` is the `width` values from data + r * stride on.
struct RowsView {
  const float* data = nullptr;
  std::int64_t stride = 0;
  std::int64_t width = 0;
};

// Writes the rows of all sources side by side, [rows, their widths together].
void Gather(absl::Span<const RowsView> sources, std::int64_t rows, float* gathered);

// z = x W + b for x of [rows, inputs] into z, [rows, units]. REQUIRES: a dense layer.
void CombineDense(const Layer& layer, const float* x, std::int64_t rows, float* z);

// The same for every other combination, from one view for each of the layer's sources.
void Combine(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, float* z);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_COMBINE_H_
