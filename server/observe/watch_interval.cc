#include "server/observe/watch_interval.h"

#include <algorithm>
#include <cmath>

namespace mlp {
namespace {

// Nanoseconds, on the fastest of the instruction sets: it leaves watching the least time.
constexpr double kWatchBatch = 100.0;
constexpr double kWatchRow = 20.0;
constexpr double kWatchInput = 0.15;
constexpr double kWatchOutput = 8.0;

// A row's multiply-adds, and reading the weights once for all rows of a batch.
constexpr double kMultiplyAdd = 0.02;
constexpr double kReadWeight = 0.06;
constexpr double kAnswerBatch = 5'000.0;

constexpr double kWatchShare = 0.02;

}  // namespace

WatchInterval::WatchInterval(const Network& network, const OutputForm& form) {
  double inputs = 0.0;
  for (const TensorSpec& input : network.inputs()) inputs += static_cast<double>(input.width());
  const auto parameters = static_cast<double>(network.parameter_count());
  watch_row_nanoseconds_ =
      kWatchRow + kWatchInput * inputs + kWatchOutput * static_cast<double>(form.width);
  evaluation_row_nanoseconds_ = kMultiplyAdd * parameters;
  evaluation_batch_nanoseconds_ = kReadWeight * parameters + kAnswerBatch;
}

std::int64_t WatchInterval::Of(std::int64_t rows) const {
  const auto count = static_cast<double>(rows);
  const double watch = kWatchBatch + watch_row_nanoseconds_ * count;
  const double evaluation = evaluation_batch_nanoseconds_ + evaluation_row_nanoseconds_ * count;
  return static_cast<std::int64_t>(std::max(1.0, std::ceil(watch / (kWatchShare * evaluation))));
}

}  // namespace mlp
