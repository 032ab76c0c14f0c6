// A batch that is evaluated repeatedly, to give a peer the evaluation's cost.

#ifndef MLP_BENCHMARKS_SERVICE_REPEATED_BATCH_H_
#define MLP_BENCHMARKS_SERVICE_REPEATED_BATCH_H_

#include <cstdint>
#include <vector>

#include "model/evaluator/evaluator.h"

namespace mlp {

// Not thread-safe.
class RepeatedBatch final {
 public:
  // `rows` >= 1 rows of a network with one input and one output. `evaluator` must outlive this.
  RepeatedBatch(const Evaluator& evaluator, std::int64_t rows);

  // Accounts for one row: every `rows`-th call evaluates the batch, on the calling thread, with
  // statistics.
  void EvaluateRow();

 private:
  const Evaluator& evaluator_;
  const std::int64_t rows_;
  std::int64_t rows_due_ = 0;
  Evaluator::Workspace workspace_;
  NetworkActivity activity_;
  std::vector<float> inputs_;
  std::vector<float> outputs_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_REPEATED_BATCH_H_
