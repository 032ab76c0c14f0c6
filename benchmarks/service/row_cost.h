// What evaluating takes alone, without a service around it.

#ifndef MLP_BENCHMARKS_SERVICE_ROW_COST_H_
#define MLP_BENCHMARKS_SERVICE_ROW_COST_H_

#include <oneapi/tbb/task_arena.h>

#include <cstdint>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "model/network.h"

namespace mlp {

// Of a batch of `rows` rows, not necessarily a whole number, by the costs of batches of the whole
// numbers below and above, in a straight line between them: the share of one row.
double RowShare(double rows, double cost_below, double cost_above);

// Times one network. Not thread-safe.
class RowCost final {
 public:
  // `network` has one input and one output.
  explicit RowCost(const Network& network);

  // Microseconds of CPU time that one row takes in a batch of `rows` >= 1 rows on one thread,
  // statistics and all.
  double Microseconds(double rows);

 private:
  void Evaluate(std::int64_t rows);

  tbb::task_arena arena_;
  Evaluator evaluator_;
  Evaluator::Workspace workspace_;
  NetworkActivity activity_;
  std::vector<float> inputs_;
  std::vector<float> outputs_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ROW_COST_H_
