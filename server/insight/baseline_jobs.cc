#include "server/insight/baseline_jobs.h"

#include <algorithm>
#include <utility>

#include "server/low_priority.h"

namespace mlp {
namespace {

absl::Status JobsStopped() { return absl::UnavailableError("the server is stopping"); }

}  // namespace

BaselineJobs::~BaselineJobs() {
  BeginStop();
  if (thread_.joinable()) thread_.join();
}

void BaselineJobs::Start() {
  thread_ = std::thread([this] { Run(); });
}

void BaselineJobs::BeginStop() {
  std::deque<Waiting> given_up;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    given_up.swap(waiting_);
    wake_.notify_all();
  }
  for (const Waiting& waiting : given_up) waiting.job(JobsStopped());
}

bool BaselineJobs::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void BaselineJobs::Ask(Job job) { Queue({std::move(job), true}); }

void BaselineJobs::Add(Job job) { Queue({std::move(job), false}); }

void BaselineJobs::Queue(Waiting waiting) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    const bool another_waits = std::any_of(waiting_.begin(), waiting_.end(),
                                           [](const Waiting& job) { return job.asked_for; });
    if (stopped_) {
      refused = JobsStopped();
    } else if (waiting.asked_for && another_waits) {
      refused = absl::ResourceExhaustedError(
          "another baseline is being made and one is already waiting; try again later");
    } else {
      waiting_.push_back(std::move(waiting));
      wake_.notify_all();
      return;
    }
  }
  waiting.job(refused);
}

void BaselineJobs::Run() {
  YieldToServing();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock,
               [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    next.job(absl::OkStatus());
    next = {};  // free what it holds outside the lock
    lock.lock();
  }
}

}  // namespace mlp
