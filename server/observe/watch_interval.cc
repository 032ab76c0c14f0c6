#include "server/observe/watch_interval.h"

#include <algorithm>
#include <cmath>

namespace mlp {
namespace {

// Nanoseconds on the fastest instruction set, which leaves the least time for watching.
constexpr double kWatchBatch = 60.0;
constexpr double kAddInput = 1.8;  // two sums, once for a batch of few rows
constexpr double kWatchRow = 15.0;
constexpr double kWatchInput = 0.15;
constexpr double kWatchScores = 20.0;
constexpr double kWatchScore = 1.0;
// One probability at a time, for forms that the kernel has no sums for.
constexpr double kWatchScoreAlone = 8.0;

// The cost of a row's multiply-adds, and of reading the weights once for all rows of a batch.
constexpr double kMultiplyAdd = 0.015;
constexpr double kReadWeight = 0.03;

constexpr double kWatchShare = 0.02;

// Even for a tiny network, some rows are watched.
constexpr double kMaxInterval = 100.0;

double OutputNanoseconds(const OutputForm& form) {
  const auto width = static_cast<double>(form.width);
  switch (form.scores) {
    case OutputScores::kNone:
      return kWatchInput * width;
    case OutputScores::kProbabilities:
    case OutputScores::kLogProbabilities:
    case OutputScores::kLogits:
      return kWatchScores + kWatchScore * width;
    default:
      return kWatchScores + kWatchScoreAlone * width;
  }
}

}  // namespace

WatchInterval::WatchInterval(const Network& network, const OutputForm& form) {
  double inputs = 0.0;
  for (const TensorSpec& input : network.inputs()) inputs += static_cast<double>(input.width());
  const auto parameters = static_cast<double>(network.parameter_count());
  watch_row_nanoseconds_ = kWatchRow + kWatchInput * inputs + OutputNanoseconds(form);
  watch_batch_nanoseconds_ = kWatchBatch + kAddInput * inputs;
  evaluation_row_nanoseconds_ = kMultiplyAdd * parameters;
  evaluation_batch_nanoseconds_ = kReadWeight * parameters;
}

std::int64_t WatchInterval::Of(std::int64_t rows) const {
  const auto count = static_cast<double>(rows);
  const double watch = watch_batch_nanoseconds_ + watch_row_nanoseconds_ * count;
  const double evaluation = evaluation_batch_nanoseconds_ + evaluation_row_nanoseconds_ * count;
  const double interval = std::ceil(watch / (kWatchShare * evaluation));
  return static_cast<std::int64_t>(std::clamp(interval, 1.0, kMaxInterval));
}

}  // namespace mlp
