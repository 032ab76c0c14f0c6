// How long the rows of a model take, learnt from evaluated batches.

#ifndef MLP_SERVER_BATCHING_EVALUATION_COST_H_
#define MLP_SERVER_BATCHING_EVALUATION_COST_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mlp {

// Not thread-safe.
class EvaluationCost final {
 public:
  using Seconds = std::chrono::duration<double>;

  // A batch is cut to take about this long; between batches, a thread looks for new requests. Long
  // enough for the evaluator to be efficient, and short compared to what a client notices.
  static constexpr Seconds kBatchTime{0.002};

  // In a batch of fewer rows, reading all weights is not worth it.
  static constexpr std::int64_t kFewestRows = 16;

  // Starts from a guess for a model of `multiply_adds` per row.
  explicit EvaluationCost(std::int64_t multiply_adds)
      : time_(kGuessRows * static_cast<double>(multiply_adds) / kGuessedPace),
        rows_(kGuessRows),
        least_per_row_(0) {}

  void Observe(std::int64_t rows, Seconds time) {
    time_ = kShareOfTheOlder * time_ + time;
    rows_ = kShareOfTheOlder * rows_ + static_cast<double>(rows);
    // The minimum rises slowly, in case the machine has become slower for good.
    const Seconds per_row = time / static_cast<double>(rows);
    least_per_row_ =
        least_per_row_.count() == 0.0 ? per_row : std::min(per_row, 1.01 * least_per_row_);
    batch_ = time;
  }

  // The recent average: the time of all rows divided by their number. So if the system preempts a
  // batch of one row for long, the batch weighs no more than its time, and no queue looks endless.
  Seconds per_row() const { return time_ / rows_; }

  // The recent minimum; 0 before the first batch.
  Seconds least_per_row() const { return least_per_row_; }

  // Of the last batch.
  Seconds batch() const { return batch_; }

  // How many rows a batch should have, at most `most`.
  std::int64_t RowsOfABatch(std::int64_t most) const {
    const double rows = kBatchTime / per_row();
    if (!(rows < static_cast<double>(most))) return most;
    return std::min(most, std::max(kFewestRows, static_cast<std::int64_t>(rows)));
  }

 private:
  static constexpr double kGuessedPace = 1e10;  // multiply-adds per second, on one core
  static constexpr double kGuessRows = 128;     // the weight of the guess, in rows
  static constexpr double kShareOfTheOlder = 0.875;

  // Sums over all batches; older batches weigh less.
  Seconds time_;
  double rows_;
  Seconds least_per_row_;
  Seconds batch_{0};
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_EVALUATION_COST_H_
