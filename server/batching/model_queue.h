// The requests that wait for one model on one thread, and how batches are cut from them.
//
// Levels of priority go strictly in their order, and requests within a level in that of their
// arrival. A batch holds at most so many rows as are evaluated in a short time; a request with more
// than half of that gives some of its rows to each batch and leaves the other half to those behind
// it, so that small requests never wait for a large one to end, nor it for all of them. The work
// that answers take beside the evaluation is bounded and shared in the same way.

#ifndef MLP_SERVER_BATCHING_MODEL_QUEUE_H_
#define MLP_SERVER_BATCHING_MODEL_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "server/batching/queue_load.h"
#include "server/batching/queued_request.h"
#include "server/batching/rejection_reason.h"
#include "server/batching/scheduling.h"

namespace mlp {

// Some rows of a request, in a batch.
struct BatchPiece {
  QueuedRequest* request = nullptr;
  std::int64_t first_row = 0;  // of the request
  std::int64_t rows = 0;

  bool whole() const { return rows == request->rows(); }
  bool last() const { return first_row + rows == request->rows(); }
};

// What a cut takes out of a queue.
struct BatchCut {
  std::vector<BatchPiece> pieces;
  std::int64_t rows = 0;
  std::int64_t work = 0;  // QueuedRequest::work_per_row, of all rows

  struct Refusal {
    QueuedRequest* request = nullptr;
    RejectionReason reason = RejectionReason::kCancelled;
  };
  std::vector<Refusal> refused;  // they are out of the queue

  void Clear();
};

// Not thread-safe, but for the load that it shares with the queues of other threads.
class ModelQueue final {
 public:
  using Clock = QueuedRequest::Clock;

  // The most work of a batch, but for one row that has more: about 2 ms.
  static constexpr std::int64_t kMostWork = 65'536;

  // A batch has at most `most_rows` >= 1 rows. `scheduling` and `load` must outlive the queue.
  ModelQueue(const Scheduling& scheduling, QueueLoad& load, std::int64_t most_rows);
  ~ModelQueue();

  ModelQueue(const ModelQueue&) = delete;
  ModelQueue& operator=(const ModelQueue&) = delete;

  // Takes `request` in, which has its level, times and rows set; false where its level is full.
  bool Push(QueuedRequest& request);

  bool empty() const { return requests_ == 0; }
  std::int64_t waiting_rows() const { return waiting_rows_; }

  // The rows that go into batches before those of a request of `rows` rows that comes now.
  std::int64_t RowsBefore(std::int64_t rows) const;

  // The most rows of a batch from now on.
  void SetMostRows(std::int64_t most_rows) { most_rows_ = most_rows; }

  // From when on a batch should be cut; Clock::time_point::max() where nothing waits.
  Clock::time_point ReadyAt() const;

  // Cuts a batch into `cut`, which is empty, and takes out requests that nobody waits for any more,
  // or that would take until after their deadline if one row took `least_time_per_row`. There may
  // be nothing left.
  void Cut(Clock::time_point now, std::chrono::duration<double> least_time_per_row, BatchCut& cut);

 private:
  struct Level {
    std::deque<QueuedRequest*> waiting;
    std::deque<QueuedRequest*> delayed;  // their timeout has passed
  };
  class Cutter;

  std::int64_t RowsOfNextBatch() const;
  bool IsLarge(std::int64_t rows) const { return rows > std::max<std::int64_t>(most_rows_ / 2, 1); }
  static bool IsMuchWork(std::int64_t rows, std::int64_t work_per_row) {
    return rows > 1 && rows * work_per_row > kMostWork / 2;
  }
  void Left(const QueuedRequest& request);
  void TakeRows(const QueuedRequest& request, std::int64_t rows);

  const Scheduling& scheduling_;
  QueueLoad& load_;
  std::int64_t most_rows_;
  std::vector<Level> levels_;
  std::size_t requests_ = 0;
  std::int64_t waiting_rows_ = 0;        // that have not gone into a batch
  std::int64_t waiting_large_rows_ = 0;  // of these, those of requests that count as large
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_MODEL_QUEUE_H_
