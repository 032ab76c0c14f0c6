// The requests that wait for one model on one thread, with the rows that they have left.

#ifndef MLP_SERVER_BATCHING_WAITING_REQUESTS_H_
#define MLP_SERVER_BATCHING_WAITING_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace mlp {

// Owns the requests; `Request` derives from QueuedRequest. Not thread-safe. Code that adds a
// request to a level, or takes it out, also calls the functions below, which count.
template <typename Request>
struct WaitingRequests {
  using Requests = std::deque<std::unique_ptr<Request>>;
  struct Level {
    Requests waiting;
    Requests delayed;  // their timeout has passed
  };

  explicit WaitingRequests(std::size_t number_of_levels) : levels(number_of_levels) {}

  std::vector<Level> levels;    // of priority, the most urgent first
  std::size_t requests = 0;     // of all levels
  std::int64_t rows = 0;        // rows not in a batch yet
  std::int64_t large_rows = 0;  // of these, rows of large requests

  static std::int64_t RowsLeft(const Request& request) {
    return request.rows() - request.rows_taken;
  }

  // Counts `request`, of which no row has been taken.
  void Enter(const Request& request) {
    ++requests;
    rows += request.rows();
    if (request.large) large_rows += request.rows();
  }
  // Counts `taken` rows less.
  void TakeRows(const Request& request, std::int64_t taken) {
    rows -= taken;
    if (request.large) large_rows -= taken;
  }
  // Counts one request less, whose rows have all been taken, and returns its place in the queue.
  void Leave(Request& request) {
    request.counted.reset();
    --requests;
  }
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_WAITING_REQUESTS_H_
