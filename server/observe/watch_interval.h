// How often to watch rows so that it costs little compared with evaluating them.

#ifndef MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_
#define MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_

#include <cstdint>

#include "model/drift/output_form.h"
#include "model/network.h"

namespace mlp {

// A model of both costs, with constants measured by `evaluator_benchmark --insight`
// (docs/measurements/performance.md). Watching may take a fiftieth of the evaluation time. For
// networks of a few units it may take more: at least every hundredth batch is watched. Immutable.
class WatchInterval final {
 public:
  WatchInterval(const Network& network, const OutputForm& form);

  // Returns k >= 1: watch one in k batches of `rows` >= 1 rows.
  std::int64_t Of(std::int64_t rows) const;

 private:
  double watch_row_nanoseconds_;
  double watch_batch_nanoseconds_;
  double evaluation_row_nanoseconds_;
  double evaluation_batch_nanoseconds_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_INTERVAL_H_
