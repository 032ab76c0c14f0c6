// A read-only matrix. Internal to model/evaluator.

#ifndef MLP_MODEL_EVALUATOR_ROWS_VIEW_H_
#define MLP_MODEL_EVALUATOR_ROWS_VIEW_H_

#include <cstdint>

namespace mlp {

// Row `r` is the `width` values from data + r * stride on.
struct RowsView {
  const float* data = nullptr;
  std::int64_t stride = 0;
  std::int64_t width = 0;
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_ROWS_VIEW_H_
