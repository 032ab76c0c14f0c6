// Computes a layer's pre-activations from its sources. Internal to model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_COMBINE_H_
#define MLP_MODEL_EVALUATOR_COMBINE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/evaluator/rows_view.h"
#include "model/network.h"

namespace mlp {

// Writes the rows of all sources side by side: [rows, sum of the sources' widths].
void Gather(absl::Span<const RowsView> sources, std::int64_t rows, float* gathered);

// Computes the pre-activations z, [rows, units], of a layer that is not dense. `sources` has one
// view for each of the layer's sources.
void Combine(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, float* z);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_COMBINE_H_
