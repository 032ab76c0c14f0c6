// A request that waits to be evaluated.

#ifndef MLP_SERVER_BATCHING_QUEUED_REQUEST_H_
#define MLP_SERVER_BATCHING_QUEUED_REQUEST_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "server/batching/batch.h"
#include "server/batching/rejection_reason.h"

namespace mlp {

// Belongs to one thread, and outlives its stay in a queue. All times are steady ones: setting the
// machine's clock moves none of them.
class QueuedRequest {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~QueuedRequest() = default;

  // The rows, all of them: one entry for each of the network's inputs.
  virtual std::int64_t rows() const = 0;
  virtual absl::Span<const InputValues> inputs() const = 0;

  // Whether the client has given up.
  virtual bool Cancelled() const = 0;

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
