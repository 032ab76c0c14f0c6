#include "server/batching/model_queue.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace mlp {
namespace {

using Clock = ModelQueue::Clock;

// Requests of many rows that are passed over to find small ones behind them, at most.
constexpr int kMostPassedOver = 64;

std::int64_t RowsLeft(const QueuedRequest& request) { return request.rows() - request.rows_taken; }

}  // namespace

void BatchCut::Clear() {
  pieces.clear();
  refused.clear();
  rows = 0;
  work = 0;
}

ModelQueue::ModelQueue(const Scheduling& scheduling, QueueLoad& load, std::int64_t most_rows)
    : scheduling_(scheduling),
      load_(load),
      most_rows_(most_rows),
      levels_(scheduling.levels.size()) {}

ModelQueue::~ModelQueue() {
  for (const Level& level : levels_) {
    for (const QueuedRequest* request : level.waiting) load_.Leave(request->level);
    for (const QueuedRequest* request : level.delayed) load_.Leave(request->level);
  }
}

bool ModelQueue::Push(QueuedRequest& request) {
  const QueuePolicy& policy = scheduling_.levels[request.level];
  // Nothing has changed where there is no memory for it.
  std::deque<QueuedRequest*>& waiting = levels_[request.level].waiting;
  waiting.push_back(&request);
  if (!load_.TryEnter(request.level, policy.max_queue_size)) {
    waiting.pop_back();
    return false;
  }
  request.rows_taken = 0;
  request.given_up.reset();
  request.large = IsLarge(request.rows()) || IsMuchWork(request.rows(), request.work_per_row);
  ++requests_;
  waiting_rows_ += request.rows();
  if (request.large) waiting_large_rows_ += request.rows();
  return true;
}

std::int64_t ModelQueue::RowsBefore(std::int64_t rows) const {
  if (IsLarge(rows)) return waiting_rows_;
  const std::int64_t small = waiting_rows_ - waiting_large_rows_;
  // The small ones before it go half and half with a large one, which fills the first batch too.
  return small + std::min(waiting_large_rows_, std::max(small, most_rows_ / 2));
}

void ModelQueue::TakeRows(const QueuedRequest& request, std::int64_t rows) {
  waiting_rows_ -= rows;
  if (request.large) waiting_large_rows_ -= rows;
}

void ModelQueue::Left(const QueuedRequest& request) {
  load_.Leave(request.level);
  --requests_;
}

std::int64_t ModelQueue::RowsOfNextBatch() const {
  std::int64_t rows = most_rows_;
  for (const std::int64_t preferred : scheduling_.preferred_batch_rows) {
    if (preferred <= std::min(waiting_rows_, most_rows_)) rows = preferred;
  }
  return rows;
}

Clock::time_point ModelQueue::ReadyAt() const {
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
    const QueuedRequest& oldest = *level.waiting.front();
    if (oldest.rows_taken > 0) return Clock::time_point::min();
    // Nobody is made to wait past the moment when the wait was in vain.
    ready = std::min(
        {ready, oldest.arrival + scheduling_.max_queue_delay, oldest.deadline, oldest.timeout});
  }
  return ready;
}

// One pass over a queue.
class ModelQueue::Cutter {
 public:
  Cutter(ModelQueue& queue, Clock::time_point now, std::chrono::duration<double> time_per_row,
         BatchCut& cut)
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
  std::optional<RejectionReason> Unwanted(const QueuedRequest& request) const {
    if (request.given_up.has_value()) return request.given_up;
    if (request.Cancelled()) return RejectionReason::kCancelled;
    const std::chrono::duration<double> needed =
        time_per_row_ * static_cast<double>(RowsLeft(request));
    if (now_ + std::chrono::duration_cast<Clock::duration>(needed) >= request.deadline) {
      return RejectionReason::kDeadline;
    }
    return std::nullopt;
  }

  void Refuse(QueuedRequest& request, RejectionReason reason) {
    queue_.TakeRows(request, RowsLeft(request));
    queue_.Left(request);
    cut_.refused.push_back({&request, reason});
  }

  // Those in front: a timeout of one behind them is seen when it gets there.
  void DelayOrRefuseTimedOut(Level& level, bool delay) {
    while (!level.waiting.empty()) {
      QueuedRequest& request = *level.waiting.front();
      // What has begun is ended.
      if (request.timeout > now_ || request.rows_taken > 0) return;
      level.waiting.pop_front();
      if (delay) {
        level.delayed.push_back(&request);
      } else {
        Refuse(request, RejectionReason::kTimeout);
      }
    }
  }

  void TakeFrom(std::deque<QueuedRequest*>& requests) {
    for (auto it = requests.begin(); it != requests.end() && !full_;) {
      QueuedRequest& request = **it;
      if (const std::optional<RejectionReason> reason = Unwanted(request)) {
        Refuse(request, *reason);
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
      Take(request, left);
      it = requests.erase(it);
    }
  }

  // How many of its rows have so much work at most, and one in any case.
  static std::int64_t RowsOfWork(std::int64_t work, const QueuedRequest& request) {
    if (request.work_per_row == 0) return std::numeric_limits<std::int64_t>::max();
    return std::max<std::int64_t>(work / request.work_per_row, 1);
  }

  void TakeFromLarge() {
    if (large_ == nullptr) return;
    const std::int64_t rows = std::min(
        {RowsLeft(*large_), most_ - cut_.rows, RowsOfWork(kMostWork - cut_.work, *large_)});
    if (rows <= 0) return;
    const bool ends = rows == RowsLeft(*large_);
    Take(*large_, rows);
    if (ends) large_queue_->erase(std::find(large_queue_->begin(), large_queue_->end(), large_));
  }

  void Take(QueuedRequest& request, std::int64_t rows) {
    cut_.pieces.push_back({&request, request.rows_taken, rows});
    cut_.rows += rows;
    cut_.work += rows * request.work_per_row;
    request.rows_taken += rows;
    queue_.TakeRows(request, rows);
    if (RowsLeft(request) == 0) queue_.Left(request);
  }

  ModelQueue& queue_;
  const Clock::time_point now_;
  const std::chrono::duration<double> time_per_row_;
  BatchCut& cut_;
  std::int64_t most_ = 0;
  std::int64_t reserved_ = 0;       // for large_
  std::int64_t reserved_work_ = 0;  // for large_
  QueuedRequest* large_ = nullptr;
  std::deque<QueuedRequest*>* large_queue_ = nullptr;
  int passed_over_ = 0;
  bool full_ = false;
};

void ModelQueue::Cut(Clock::time_point now, std::chrono::duration<double> least_time_per_row,
                     BatchCut& cut) {
  Cutter(*this, now, least_time_per_row, cut).Run();
}

}  // namespace mlp
