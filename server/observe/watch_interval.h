// How often rows are watched, so that it costs little beside evaluating them.

#ifndef MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_
#define MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_

#include <cstdint>

#include "model/drift/output_form.h"
#include "model/network.h"

namespace mlp {

// A model of both costs, of constants that `evaluator_benchmark --insight` measures
// (docs/performance.md). Watching may take a fiftieth of the evaluation, but for networks of a few
// units: of these at least every hundredth batch is watched. Immutable.
class WatchInterval final {
 public:
  WatchInterval(const Network& network, const OutputForm& form);

  // k >= 1: one batch of `rows` >= 1 rows in k is to be watched.
  std::int64_t Of(std::int64_t rows) const;

 private:
  double watch_row_nanoseconds_;
  double watch_batch_nanoseconds_;
  double evaluation_row_nanoseconds_;
  double evaluation_batch_nanoseconds_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_
