// Evaluates the layers that have an operation (model/row_operations.h). Internal to
// model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_
#define MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "model/evaluator/rows_view.h"
#include "model/network.h"

namespace mlp {

// Makes the pre-activations z, [rows, units], from one view for each source.
void Operate(const Layer& layer, absl::Span<const RowsView> sources, std::int64_t rows, float* z);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_
