#include "server/observe/thread_counts.h"

#include <algorithm>
#include <new>
#include <utility>

namespace mlp {

void ModelSums::AddUp(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  threads_.ForEach([now](ThreadCounts& counts) {
    const std::lock_guard counts_lock(counts.mutex_);
    counts.Add(now);
  });
}

ThreadCounts::ThreadCounts(std::shared_ptr<ModelSums> sums, const Network& network)
    : sums_(std::move(sums)),
      most_rows_(std::min(kMaxRows, sums_->activity_->most_rows_kept_back())),
      activity_(MakeNetworkActivity(network)),
      watch_(sums_->watch_) {
  const std::lock_guard lock(sums_->mutex_);
  sums_->threads_.Add(*this);
}

ThreadCounts::~ThreadCounts() {
  const std::lock_guard lock(sums_->mutex_);
  sums_->threads_.Remove(*this);
  Add(ModelSums::Clock::now());
}

void ThreadCounts::Batch::Count(std::int64_t rows, const BatchTimes& times,
                                const AnsweredRequests& answered,
                                std::chrono::system_clock::time_point now) {
  counts_.statistics_.AddBatch(rows, times, answered, now);
  counts_.batch_rows_.Observe(static_cast<double>(rows));
  counts_.compute_durations_.Observe(std::chrono::duration<double>(times.infer).count());
}

void ThreadCounts::Batch::End(ModelSums::Clock::time_point now) {
  if (static_cast<std::int64_t>(counts_.statistics_.rows) >= counts_.most_rows_) counts_.Add(now);
}

void ThreadCounts::Add(ModelSums::Clock::time_point now) {
  if (statistics_.batches == 0) return;
  try {
    sums_->statistics_->Add(statistics_);
  } catch (const std::bad_alloc&) {
    return;  // try again later
  }
  sums_->metrics_->CountRequests(absl::StatusCode::kOk,
                                 static_cast<std::int64_t>(statistics_.success.count));
  sums_->metrics_->Add(request_durations_, queue_durations_, compute_durations_, batch_rows_);
  sums_->metrics_->AddExemplars(exemplars_);
  SettleNetworkActivity(activity_);
  sums_->activity_->Add(static_cast<std::int64_t>(statistics_.rows), activity_, now);
  watch_.AddUp(now);
  statistics_.Clear();
  ResetNetworkActivity(activity_);
}

}  // namespace mlp
