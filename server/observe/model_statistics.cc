#include "server/observe/model_statistics.h"

namespace mlp {

void ModelStatistics::AddBatch(std::int64_t rows, const BatchTimes& times,
                               const AnsweredRequests& answered,
                               std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  summary_.last_inference = now;
  summary_.rows += static_cast<std::uint64_t>(rows);
  ++summary_.batches;
  StatisticsSummary::OfSize& of_size = summary_.by_batch_rows[rows];
  of_size.input.Add(times.input);
  of_size.infer.Add(times.infer);
  of_size.output.Add(times.output);
  if (answered.count == 0) return;
  const auto requests = static_cast<std::int64_t>(answered.count);
  summary_.success.Add(answered.total, answered.count);
  summary_.queue.Add(answered.queue, answered.count);
  summary_.compute_input.Add(times.input * requests, answered.count);
  summary_.compute_infer.Add(times.infer * requests, answered.count);
  summary_.compute_output.Add(times.output * requests, answered.count);
}

void ModelStatistics::AddFailure(std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  summary_.failure.Add(time);
}

StatisticsSummary ModelStatistics::Read() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

}  // namespace mlp
