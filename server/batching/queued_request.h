// What a queue has to know of a request that waits in it to be evaluated.

#ifndef MLP_SERVER_BATCHING_QUEUED_REQUEST_H_
#define MLP_SERVER_BATCHING_QUEUED_REQUEST_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "server/batching/rejection_reason.h"

namespace mlp {

// The base of what a ModelQueue holds, which says too, by `rows()`, how many rows it has, all of
// them, and, by `client_has_gone()`, whether nobody waits for it any more. Belongs to one thread.
// All times are steady ones: setting the machine's clock moves none of them.
struct QueuedRequest {
  using Clock = std::chrono::steady_clock;

  // Set by who puts the request into a queue: what the answer takes for each row beside its
  // evaluation, on the thread of the queue, in values that are looked at; 0 where it is little.
  std::int64_t work_per_row = 0;

  // Set by who puts the request into a queue.
  std::size_t level = 0;                                  // of priority, 0 the most urgent
  Clock::time_point arrival;                              // when it was received
  Clock::time_point deadline = Clock::time_point::max();  // the client waits no longer
  Clock::time_point timeout = Clock::time_point::max();   // the queue's policy applies

  // Set by the queue: how many rows have gone into batches, and whether it counts as one of many
  // rows, which leaves half of each batch to others.
  std::int64_t rows_taken = 0;
  bool large = false;

  // Set by who evaluates, where what came of some rows is lost: the queue refuses the request.
  std::optional<RejectionReason> given_up;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_QUEUED_REQUEST_H_
