// The requests that wait for one model on one thread, and how batches are cut from them.
//
// Priority levels are served strictly in order; within a level, requests are served in order of
// arrival. A batch holds at most as many rows as can be evaluated in a short time. A request with
// more than half of that gives some of its rows to each batch and leaves the other half to the
// requests behind it. So small requests never wait for a large one to finish, nor does a large one
// wait for all small ones. The work that answers take after the evaluation is bounded and shared in
// the same way.

#ifndef MLP_SERVER_BATCHING_MODEL_QUEUE_H_
#define MLP_SERVER_BATCHING_MODEL_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "server/batching/batch_cut.h"
#include "server/batching/queue_load.h"
#include "server/batching/queued_request.h"
#include "server/batching/rejection_reason.h"
#include "server/batching/scheduling.h"

namespace mlp {

// Owns the requests that wait in it; `Request` derives from QueuedRequest. Not thread-safe, except
// for the load, which it shares with the queues of other threads.
template <typename Request>
class ModelQueue final {
 public:
  using Clock = QueuedRequest::Clock;

  // The most work of a batch, about 2 ms. One row may have more.
  static constexpr std::int64_t kMostWork = 65'536;

  // A batch has at most `most_rows` >= 1 rows. `scheduling` and `load` must outlive the queue.
  ModelQueue(const Scheduling& scheduling, QueueLoad& load, std::int64_t most_rows)
      : scheduling_(scheduling),
        load_(load),
        most_rows_(most_rows),
        levels_(scheduling.levels.size()) {}

  ModelQueue(const ModelQueue&) = delete;
  ModelQueue& operator=(const ModelQueue&) = delete;

  // Takes ownership of `request`, whose level, times and rows must be set. If its level is full,
  // returns false and leaves `request` as it is. If there is no memory, throws bad_alloc and leaves
  // it as it is too.
  bool Push(std::unique_ptr<Request>& request);

  bool empty() const { return requests_ == 0; }
  std::int64_t waiting_rows() const { return waiting_rows_; }

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
    cut.Reserve(requests_);
    Cutter(*this, now, least_time_per_row, cut).Run();
  }

 private:
  using Requests = std::deque<std::unique_ptr<Request>>;
  struct Level {
    Requests waiting;
    Requests delayed;  // their timeout has passed
  };
  class Cutter;

  // The most large requests that are passed over to find small ones behind them.
  static constexpr int kMostPassedOver = 64;

  static std::int64_t RowsLeft(const Request& request) {
    return request.rows() - request.rows_taken;
  }
  std::int64_t RowsOfNextBatch() const;
  bool IsLarge(std::int64_t rows) const { return rows > std::max<std::int64_t>(most_rows_ / 2, 1); }
  static bool IsMuchWork(std::int64_t rows, std::int64_t work_per_row) {
    return rows > 1 && rows * work_per_row > kMostWork / 2;
  }
  void Leave(Request& request) {
    request.counted.reset();
    --requests_;
  }
  void TakeRows(const Request& request, std::int64_t rows) {
    waiting_rows_ -= rows;
    if (request.large) waiting_large_rows_ -= rows;
  }

  const Scheduling& scheduling_;
  QueueLoad& load_;
  std::int64_t most_rows_;
  std::vector<Level> levels_;
  std::size_t requests_ = 0;
  std::int64_t waiting_rows_ = 0;        // rows not in a batch yet
  std::int64_t waiting_large_rows_ = 0;  // of these, rows of large requests
};

template <typename Request>
bool ModelQueue<Request>::Push(std::unique_ptr<Request>& request) {
  const std::size_t level = request->level;
  // If there is no memory, this throws before anything has changed.
  Requests& waiting = levels_[level].waiting;
  waiting.emplace_back();
  QueueLoad::Counted counted = load_.Enter(level, scheduling_.levels[level].max_queue_size);
  if (counted == nullptr) {
    waiting.pop_back();
    return false;
  }
  request->counted = std::move(counted);
  request->rows_taken = 0;
  request->given_up.reset();
  request->large = IsLarge(request->rows()) || IsMuchWork(request->rows(), request->work_per_row);
  ++requests_;
  waiting_rows_ += request->rows();
  if (request->large) waiting_large_rows_ += request->rows();
  waiting.back() = std::move(request);
  return true;
}

template <typename Request>
std::int64_t ModelQueue<Request>::RowsBefore(std::int64_t rows) const {
  if (IsLarge(rows)) return waiting_rows_;
  const std::int64_t small = waiting_rows_ - waiting_large_rows_;
  // Small requests ahead share batches half and half with a large one, and it takes at least half
  // of the first batch.
  return small + std::min(waiting_large_rows_, std::max(small, most_rows_ / 2));
}

template <typename Request>
std::int64_t ModelQueue<Request>::RowsOfNextBatch() const {
  std::int64_t rows = most_rows_;
  for (const std::int64_t preferred : scheduling_.preferred_batch_rows) {
    if (preferred <= std::min(waiting_rows_, most_rows_)) rows = preferred;
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
  if (waiting_rows_ >= wanted) return Clock::time_point::min();
  Clock::time_point ready = Clock::time_point::max();
  for (const Level& level : levels_) {
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

// One pass over a queue.
template <typename Request>
class ModelQueue<Request>::Cutter {
 public:
  Cutter(ModelQueue& queue, Clock::time_point now, std::chrono::duration<double> time_per_row,
         BatchCut<Request>& cut)
      : queue_(queue), now_(now), time_per_row_(time_per_row), cut_(cut) {}

  void Run() {
    most_ = queue_.RowsOfNextBatch();
    for (std::size_t i = 0; i < queue_.levels_.size() && !full_; ++i) {
      Level& level = queue_.levels_[i];
      DelayOrRefuseTimedOut(level, queue_.scheduling_.levels[i].delay_on_timeout);
      TakeFrom(level.waiting);
      TakeFrom(level.delayed);
    }
    TakeFromLarge();
  }

 private:
  std::optional<RejectionReason> Unwanted(const Request& request) const {
    if (request.given_up.has_value()) return request.given_up;
    // Checked first: at its deadline, gRPC ends the call as if the client had gone.
    if (now_ >= request.deadline) return RejectionReason::kDeadline;
    if (request.client_has_gone()) return RejectionReason::kCancelled;
    const std::chrono::duration<double> needed =
        time_per_row_ * static_cast<double>(RowsLeft(request));
    if (now_ + std::chrono::duration_cast<Clock::duration>(needed) >= request.deadline) {
      return RejectionReason::kDeadline;
    }
    return std::nullopt;
  }

  void Refuse(std::unique_ptr<Request> request, RejectionReason reason) {
    queue_.TakeRows(*request, RowsLeft(*request));
    queue_.Leave(*request);
    cut_.refused.push_back({std::move(request), reason});
  }

  // Checks only from the front: a request further back is checked when it gets there.
  void DelayOrRefuseTimedOut(Level& level, bool delay) {
    while (!level.waiting.empty()) {
      Request& request = *level.waiting.front();
      // A request that has begun is finished.
      if (request.timeout > now_ || request.rows_taken > 0) return;
      if (!delay || !TryDelay(level)) {
        Refuse(std::move(level.waiting.front()), RejectionReason::kTimeout);
      }
      level.waiting.pop_front();
    }
  }

  // False if there is no memory for it. The request is then refused, as if delays were off.
  static bool TryDelay(Level& level) {
    try {
      level.delayed.push_back(std::move(level.waiting.front()));
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  void TakeFrom(Requests& requests) {
    for (auto it = requests.begin(); it != requests.end() && !full_;) {
      Request& request = **it;
      if (const std::optional<RejectionReason> reason = Unwanted(request)) {
        Refuse(std::move(*it), *reason);
        it = requests.erase(it);
        continue;
      }
      const std::int64_t left = RowsLeft(request);
      const std::int64_t work = left * request.work_per_row;
      const std::int64_t half = std::max<std::int64_t>(most_ / 2, 1);
      if (left > half || IsMuchWork(left, request.work_per_row)) {
        if (large_ == nullptr) {
          large_ = &request;
          large_queue_ = &requests;
          reserved_ = std::min({left, half, RowsOfWork(kMostWork / 2, request)});
          reserved_work_ = std::min(work, kMostWork / 2);
        } else if (++passed_over_ >= kMostPassedOver) {
          full_ = true;
        }
        ++it;
        continue;
      }
      const bool much_work = cut_.work > 0 && work > kMostWork - reserved_work_ - cut_.work;
      if (cut_.rows + left > most_ - reserved_ || (work > 0 && much_work)) {
        full_ = true;
        return;
      }
      Take(request, left, std::move(*it));
      it = requests.erase(it);
    }
  }

  // How many of the request's rows have at most `work` together; at least one.
  static std::int64_t RowsOfWork(std::int64_t work, const Request& request) {
    if (request.work_per_row == 0) return std::numeric_limits<std::int64_t>::max();
    return std::max<std::int64_t>(work / request.work_per_row, 1);
  }

  void TakeFromLarge() {
    if (large_ == nullptr) return;
    const std::int64_t rows = std::min(
        {RowsLeft(*large_), most_ - cut_.rows, RowsOfWork(kMostWork - cut_.work, *large_)});
    if (rows <= 0) return;
    if (rows < RowsLeft(*large_)) return Take(*large_, rows, nullptr);
    const auto it = std::find_if(large_queue_->begin(), large_queue_->end(),
                                 [this](const auto& request) { return request.get() == large_; });
    Take(*large_, rows, std::move(*it));
    large_queue_->erase(it);
  }

  // `owned` is the request if these are its last rows.
  void Take(Request& request, std::int64_t rows, std::unique_ptr<Request> owned) {
    cut_.pieces.push_back({&request, request.rows_taken, rows, std::move(owned)});
    cut_.rows += rows;
    cut_.work += rows * request.work_per_row;
    request.rows_taken += rows;
    queue_.TakeRows(request, rows);
    if (RowsLeft(request) == 0) queue_.Leave(request);
  }

  ModelQueue& queue_;
  const Clock::time_point now_;
  const std::chrono::duration<double> time_per_row_;
  BatchCut<Request>& cut_;
  std::int64_t most_ = 0;
  std::int64_t reserved_ = 0;       // for large_
  std::int64_t reserved_work_ = 0;  // for large_
  Request* large_ = nullptr;
  Requests* large_queue_ = nullptr;
  int passed_over_ = 0;
  bool full_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_MODEL_QUEUE_H_
