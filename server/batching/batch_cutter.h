// Cuts a batch from the requests that wait for a model.
//
// Priority levels are served strictly in order; within a level, requests are served in order of
// arrival. A request with more than half of a batch gives some of its rows to each batch and leaves
// the other half to the requests behind it. So small requests never wait for a large one to finish,
// nor does a large one wait for all small ones. The work that answers take after the evaluation is
// bounded and shared in the same way.

#ifndef MLP_SERVER_BATCHING_BATCH_CUTTER_H_
#define MLP_SERVER_BATCHING_BATCH_CUTTER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "server/batching/batch_cut.h"
#include "server/batching/queued_request.h"
#include "server/batching/rejection_reason.h"
#include "server/batching/scheduling.h"
#include "server/batching/waiting_requests.h"

namespace mlp {

// One pass over the waiting requests. Lives as long as the pass.
template <typename Request>
class BatchCutter final {
 public:
  using Clock = QueuedRequest::Clock;

  // The most work of a batch, about 2 ms. One row may have more.
  static constexpr std::int64_t kMaxWork = 65'536;

  // Whether `rows` rows have so much work that their request must leave half of each batch's work
  // to others.
  static bool IsMuchWork(std::int64_t rows, std::int64_t work_per_row) {
    return rows > 1 && rows * work_per_row > kMaxWork / 2;
  }

  // Cuts a batch of at most `most_rows` rows from `waiting` into `cut`, which must be empty and
  // have room for all requests. `time_per_row`: the least time that a row takes.
  BatchCutter(const Scheduling& scheduling, WaitingRequests<Request>& waiting,
              std::int64_t most_rows, Clock::time_point now,
              std::chrono::duration<double> time_per_row, BatchCut<Request>& cut)
      : scheduling_(scheduling),
        waiting_(waiting),
        most_(most_rows),
        now_(now),
        time_per_row_(time_per_row),
        cut_(cut) {}

  // Call it once.
  void Run() {
    for (std::size_t i = 0; i < waiting_.levels.size() && !full_; ++i) {
      Level& level = waiting_.levels[i];
      DelayOrRefuseTimedOut(level, scheduling_.levels[i].delay_on_timeout);
      TakeFrom(level.waiting);
      TakeFrom(level.delayed);
    }
    TakeFromLarge();
  }

 private:
  using Requests = typename WaitingRequests<Request>::Requests;
  using Level = typename WaitingRequests<Request>::Level;

  // The most large requests that are passed over to find small ones behind them.
  static constexpr int kMaxPassedOver = 64;

  static std::int64_t RowsLeft(const Request& request) {
    return WaitingRequests<Request>::RowsLeft(request);
  }

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
    waiting_.TakeRows(*request, RowsLeft(*request));
    waiting_.Leave(*request);
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
          reserved_ = std::min({left, half, RowsOfWork(kMaxWork / 2, request)});
          reserved_work_ = std::min(work, kMaxWork / 2);
        } else if (++passed_over_ >= kMaxPassedOver) {
          full_ = true;
        }
        ++it;
        continue;
      }
      const bool much_work = cut_.work > 0 && work > kMaxWork - reserved_work_ - cut_.work;
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
    const std::int64_t rows =
        std::min({RowsLeft(*large_), most_ - cut_.rows, RowsOfWork(kMaxWork - cut_.work, *large_)});
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
    waiting_.TakeRows(request, rows);
    if (RowsLeft(request) == 0) waiting_.Leave(request);
  }

  const Scheduling& scheduling_;
  WaitingRequests<Request>& waiting_;
  const std::int64_t most_;
  const Clock::time_point now_;
  const std::chrono::duration<double> time_per_row_;
  BatchCut<Request>& cut_;
  std::int64_t reserved_ = 0;       // for large_
  std::int64_t reserved_work_ = 0;  // for large_
  Request* large_ = nullptr;
  Requests* large_queue_ = nullptr;
  int passed_over_ = 0;
  bool full_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_BATCH_CUTTER_H_
