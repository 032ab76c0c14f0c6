// Evaluates the operations that read their sources separately (model/row_operations.h). Internal to
// combine.cc.

#ifndef MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_
#define MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "model/evaluator/rows_view.h"
#include "model/network.h"

namespace mlp {

// A layer's sources, one view each, and its z, [rows, units].
struct RowsOfLayer {
  absl::Span<const RowsView> sources;
  std::int64_t rows;
  std::int64_t units;
  float* z;
};

// These compute z.
void Operate(const UnitFunction& operation, const RowsOfLayer& layer_rows);
void Operate(const Reduction& operation, const RowsOfLayer& layer_rows);
void Operate(const Selection& operation, const RowsOfLayer& layer_rows);
void Operate(const Lookup& operation, const RowsOfLayer& layer_rows);
void Operate(const MatrixProduct& operation, const RowsOfLayer& layer_rows);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_ROW_OPERATIONS_H_
