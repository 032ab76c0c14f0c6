// What a queue must know about a request that waits to be evaluated.

#ifndef MLP_SERVER_BATCHING_QUEUED_REQUEST_H_
#define MLP_SERVER_BATCHING_QUEUED_REQUEST_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "server/batching/queue_load.h"
#include "server/batching/rejection_reason.h"

namespace mlp {

// The base of the requests in a ModelQueue. A derived class adds two functions: `rows()`, the
// number of all its rows, and `client_has_gone()`, whether no client waits for it any more. Belongs
// to one thread. All times are of the steady clock, which nobody can set.
struct QueuedRequest {
  using Clock = std::chrono::steady_clock;

  // Set before the request is queued: the work per row for the answer, after the evaluation, on the
  // queue's thread. Its unit is one value read; 0 if it is little.
  std::int64_t work_per_row = 0;

  // Set before the request is queued.
  std::size_t level = 0;                                  // of priority, 0 the most urgent
  Clock::time_point arrival;                              // when it was received
  Clock::time_point deadline = Clock::time_point::max();  // the client waits no longer
  Clock::time_point timeout = Clock::time_point::max();   // the queue's policy applies

  // Set by the queue: how many rows have gone into batches, and whether the request is large. A
  // large request leaves half of each batch to others.
  std::int64_t rows_taken = 0;
  bool large = false;

  // Set by the queue: counts the request while it waits.
  QueueLoad::Counted counted;

  // Set by the evaluating thread if it has lost the answer for some rows. The queue then refuses
  // the request.
  std::optional<RejectionReason> given_up;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_QUEUED_REQUEST_H_
