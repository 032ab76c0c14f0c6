// How the requests for one model are batched, as dynamic_batching in its config.pbtxt says:
// Triton's names and meanings (docs/reference/config_pbtxt.md).

#ifndef MLP_SERVER_BATCHING_SCHEDULING_H_
#define MLP_SERVER_BATCHING_SCHEDULING_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mlp {

// What happens to a waiting request; one policy for each level of priority.
struct QueuePolicy {
  // Whether a request whose timeout has passed is answered after all others instead of refused.
  bool delay_on_timeout = false;

  // The timeout of a request that does not set one; 0 for none. A request may set a shorter one.
  std::chrono::microseconds default_timeout{0};

  // The most requests that may wait; 0 for no limit.
  std::int64_t max_queue_size = 0;
};

struct Scheduling {
  // Ascending. A batch is cut at the largest of these that the waiting rows fill.
  std::vector<std::int64_t> preferred_batch_rows;

  // How long the oldest request may wait for others to share its batch.
  std::chrono::microseconds max_queue_delay{0};

  // The first level is the most urgent; never empty.
  std::vector<QueuePolicy> levels = {QueuePolicy()};

  // The level of a request that names none: an index into `levels`.
  std::size_t default_level = 0;

  // How many batches of the model may be evaluated at the same time; 0 for no limit.
  int instances = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_SCHEDULING_H_
