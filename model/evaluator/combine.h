// How layers make their pre-activations from what they read. Internal to model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_COMBINE_H_
#define MLP_MODEL_EVALUATOR_COMBINE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/evaluator/rows_view.h"
#include "model/network.h"

namespace mlp {

// Writes the rows of all sources side by side, [rows, their widths together].
void Gather(absl::Span<const RowsView> sources, std::int64_t rows, float* gathered);

// Makes the pre-activations z, [rows, units], of a layer that is not dense, from one view for each
// of its sources.
void Combine(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, float* z);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_COMBINE_H_
