// How long the rows of a model take, learnt from the batches that were evaluated.

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

  // A batch is cut so that it takes about this long: in between, a thread looks what has come. Long
  // enough for the evaluator to be at its best, and short beside what a client notices.
  static constexpr Seconds kBatchTime{0.002};

  // Batches of fewer rows than this read all weights for too little.
  static constexpr std::int64_t kFewestRows = 16;

  // Begins with a guess for a model of so many multiply-adds a row.
  explicit EvaluationCost(std::int64_t multiply_adds)
      : time_(kRowsOfTheGuess * static_cast<double>(multiply_adds) / kGuessedPace),
        rows_(kRowsOfTheGuess),
        least_per_row_(0) {}

  void Observe(std::int64_t rows, Seconds time) {
    time_ = kShareOfTheOlder * time_ + time;
    rows_ = kShareOfTheOlder * rows_ + static_cast<double>(rows);
    // The least comes back slowly, should the machine have become slower for good.
    const Seconds per_row = time / static_cast<double>(rows);
    least_per_row_ =
        least_per_row_.count() == 0.0 ? per_row : std::min(per_row, 1.01 * least_per_row_);
    batch_ = time;
  }

  // The recent average: the time of all rows over their number. So a batch of one row that the
  // system interrupts for long weighs no more than its time, and no queue looks endless.
  Seconds per_row() const { return time_ / rows_; }

  // The recent minimum; 0 before the first batch.
  Seconds least_per_row() const { return least_per_row_; }

  // Of the last batch.
  Seconds batch() const { return batch_; }

  // How many rows a batch should have, of `most` at most.
  std::int64_t RowsOfABatch(std::int64_t most) const {
    const double rows = kBatchTime / per_row();
    if (!(rows < static_cast<double>(most))) return most;
    return std::min(most, std::max(kFewestRows, static_cast<std::int64_t>(rows)));
  }

 private:
  static constexpr double kGuessedPace = 1e10;    // multiply-adds a second, of one core
  static constexpr double kRowsOfTheGuess = 128;  // as if so many had been seen
  static constexpr double kShareOfTheOlder = 0.875;

  // Sums over all batches; older ones weigh less.
  Seconds time_;
  double rows_;
  Seconds least_per_row_;
  Seconds batch_{0};
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_EVALUATION_COST_H_
