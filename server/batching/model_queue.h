// The requests that wait for one model on one thread: how many may wait, when a batch is due, and
// how many rows it may have. A batch holds at most as many rows as can be evaluated in a short
// time; batch_cutter.h says which.

#ifndef MLP_SERVER_BATCHING_MODEL_QUEUE_H_
#define MLP_SERVER_BATCHING_MODEL_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "server/batching/batch_cut.h"
#include "server/batching/batch_cutter.h"
#include "server/batching/queue_load.h"
#include "server/batching/queued_request.h"
#include "server/batching/scheduling.h"
#include "server/batching/waiting_requests.h"

namespace mlp {

// Owns the requests that wait in it; `Request` derives from QueuedRequest. Not thread-safe, except
// for the load, which it shares with the queues of other threads.
template <typename Request>
class ModelQueue final {
 public:
  using Clock = QueuedRequest::Clock;

  // The most work of a batch.
  static constexpr std::int64_t kMaxWork = BatchCutter<Request>::kMaxWork;

  // A batch has at most `most_rows` >= 1 rows. `scheduling` and `load` must outlive the queue.
  ModelQueue(const Scheduling& scheduling, QueueLoad& load, std::int64_t most_rows)
      : scheduling_(scheduling),
        load_(load),
        most_rows_(most_rows),
        waiting_(scheduling.levels.size()) {}

  ModelQueue(const ModelQueue&) = delete;
  ModelQueue& operator=(const ModelQueue&) = delete;

  // Takes ownership of `request`, whose level, times and rows must be set. If its level is full,
  // returns false and leaves `request` as it is. If there is no memory, throws bad_alloc and leaves
  // it as it is too.
  bool Push(std::unique_ptr<Request>& request);

  bool empty() const { return waiting_.requests == 0; }
  std::int64_t waiting_rows() const { return waiting_.rows; }

  // The rows that go into batches before those of a request of `rows` rows that arrives now.
  std::int64_t RowsBefore(std::int64_t rows) const;

  // Sets the most rows of a batch from now on.
  void SetMostRows(std::int64_t most_rows) { most_rows_ = most_rows; }

  // The time from which a batch should be cut; Clock::time_point::max() if nothing waits.
  Clock::time_point ReadyAt() const;

  // Cuts a batch into `cut`, which must be empty. Also takes out requests that nobody waits for any
  // more, and those that would not finish before their deadline if one row took
  // `least_time_per_row`. The batch may be empty. If this throws bad_alloc, it has changed nothing.
  void Cut(Clock::time_point now, std::chrono::duration<double> least_time_per_row,
           BatchCut<Request>& cut) {
    cut.Reserve(waiting_.requests);
    BatchCutter<Request>(scheduling_, waiting_, RowsOfNextBatch(), now, least_time_per_row, cut)
        .Run();
  }

 private:
  using Level = typename WaitingRequests<Request>::Level;

  std::int64_t RowsOfNextBatch() const;
  bool IsLarge(std::int64_t rows) const { return rows > std::max<std::int64_t>(most_rows_ / 2, 1); }

  const Scheduling& scheduling_;
  QueueLoad& load_;
  std::int64_t most_rows_;
  WaitingRequests<Request> waiting_;
};

template <typename Request>
bool ModelQueue<Request>::Push(std::unique_ptr<Request>& request) {
  const std::size_t level = request->level;
  // If there is no memory, this throws before anything has changed.
  auto& waiting = waiting_.levels[level].waiting;
  waiting.emplace_back();
  QueueLoad::Counted counted = load_.Enter(level, scheduling_.levels[level].max_queue_size);
  if (counted == nullptr) {
    waiting.pop_back();
    return false;
  }
  request->counted = std::move(counted);
  request->rows_taken = 0;
  request->given_up.reset();
  request->large = IsLarge(request->rows()) ||
                   BatchCutter<Request>::IsMuchWork(request->rows(), request->work_per_row);
  waiting_.Enter(*request);
  waiting.back() = std::move(request);
  return true;
}

template <typename Request>
std::int64_t ModelQueue<Request>::RowsBefore(std::int64_t rows) const {
  if (IsLarge(rows)) return waiting_.rows;
  const std::int64_t small = waiting_.rows - waiting_.large_rows;
  // Small requests ahead share batches half and half with a large one, and it takes at least half
  // of the first batch.
  return small + std::min(waiting_.large_rows, std::max(small, most_rows_ / 2));
}

template <typename Request>
std::int64_t ModelQueue<Request>::RowsOfNextBatch() const {
  std::int64_t rows = most_rows_;
  for (const std::int64_t preferred : scheduling_.preferred_batch_rows) {
    if (preferred <= std::min(waiting_.rows, most_rows_)) rows = preferred;
  }
  return rows;
}

template <typename Request>
QueuedRequest::Clock::time_point ModelQueue<Request>::ReadyAt() const {
  if (empty()) return Clock::time_point::max();
  if (scheduling_.max_queue_delay.count() == 0) return Clock::time_point::min();
  const std::int64_t wanted = scheduling_.preferred_batch_rows.empty()
                                  ? most_rows_
                                  : std::min(most_rows_, scheduling_.preferred_batch_rows.front());
  if (waiting_.rows >= wanted) return Clock::time_point::min();
  Clock::time_point ready = Clock::time_point::max();
  for (const Level& level : waiting_.levels) {
    if (!level.delayed.empty()) return Clock::time_point::min();
    if (level.waiting.empty()) continue;
    const Request& oldest = *level.waiting.front();
    if (oldest.rows_taken > 0) return Clock::time_point::min();
    // No request waits past its deadline or timeout.
    ready = std::min(
        {ready, oldest.arrival + scheduling_.max_queue_delay, oldest.deadline, oldest.timeout});
  }
  return ready;
}

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_MODEL_QUEUE_H_
