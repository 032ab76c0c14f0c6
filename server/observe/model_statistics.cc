#include "server/observe/model_statistics.h"

#include <algorithm>

namespace mlp {

void StatisticsSummary::AddBatch(std::int64_t batch_rows, const BatchTimes& times,
                                 const AnsweredRequests& answered,
                                 std::chrono::system_clock::time_point now) {
  OfSize& of_size = by_batch_rows[batch_rows];
  of_size.input.Add(times.input);
  of_size.infer.Add(times.infer);
  of_size.output.Add(times.output);
  last_inference = now;
  rows += static_cast<std::uint64_t>(batch_rows);
  ++batches;
  if (answered.count == 0) return;
  const auto requests = static_cast<std::int64_t>(answered.count);
  success.Add(answered.total, answered.count);
  queue.Add(answered.queue, answered.count);
  compute_input.Add(times.input * requests, answered.count);
  compute_infer.Add(times.infer * requests, answered.count);
  compute_output.Add(times.output * requests, answered.count);
}

void StatisticsSummary::Add(const StatisticsSummary& other) {
  // Insert entries first, which may throw: an entry with zero counts is harmless.
  for (const auto& [size, of_size] : other.by_batch_rows) by_batch_rows[size];
  for (const auto& [size, of_size] : other.by_batch_rows) {
    OfSize& sum = by_batch_rows.find(size)->second;
    sum.input.Add(of_size.input);
    sum.infer.Add(of_size.infer);
    sum.output.Add(of_size.output);
  }
  last_inference = std::max(last_inference, other.last_inference);
  rows += other.rows;
  batches += other.batches;
  success.Add(other.success);
  failure.Add(other.failure);
  queue.Add(other.queue);
  compute_input.Add(other.compute_input);
  compute_infer.Add(other.compute_infer);
  compute_output.Add(other.compute_output);
}

void StatisticsSummary::Clear() {
  std::map<std::int64_t, OfSize> sizes = std::move(by_batch_rows);
  for (auto& [size, of_size] : sizes) of_size = {};
  *this = {};
  by_batch_rows = std::move(sizes);
}

void ModelStatistics::Add(const StatisticsSummary& counted) {
  const std::lock_guard lock(mutex_);
  summary_.Add(counted);
}

void ModelStatistics::AddFailure(std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  summary_.failure.Add(time);
}

void ModelStatistics::AddEmpty(std::chrono::nanoseconds time,
                               std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  summary_.last_inference = std::max(summary_.last_inference, now);
  summary_.success.Add(time);
  for (CountedTime* const stage : {&summary_.queue, &summary_.compute_input,
                                   &summary_.compute_infer, &summary_.compute_output}) {
    stage->Add(std::chrono::nanoseconds(0));
  }
}

StatisticsSummary ModelStatistics::Read() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

}  // namespace mlp
