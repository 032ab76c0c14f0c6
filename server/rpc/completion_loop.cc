#include "server/rpc/completion_loop.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace mlp {
namespace {

// A queue that fills as fast as it is drained must not keep what came first from being answered.
constexpr int kMostEventsInADrain = 1024;

// How long the own thread may be away before the other one looks.
constexpr CompletionLoop::Clock::duration kPatience = std::chrono::milliseconds(1);

// Between two looks that find nothing: from the first to the last of many.
constexpr CompletionLoop::Clock::duration kShortestPause = std::chrono::microseconds(250);
constexpr CompletionLoop::Clock::duration kLongestPause = std::chrono::milliseconds(500);

gpr_timespec Timespec(CompletionLoop::Clock::time_point time) {
  if (time == CompletionLoop::Clock::time_point::max()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const CompletionLoop::Clock::time_point now = CompletionLoop::Clock::now();
  if (time <= now) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  const CompletionLoop::Clock::duration left = time - now;
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(left).count(),
                          GPR_TIMESPAN));
}

}  // namespace

CompletionLoop::CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

void CompletionLoop::Drain(grpc::CompletionQueue::NextStatus status, void* tag, bool ok) {
  for (int events = 1; status == grpc::CompletionQueue::GOT_EVENT; ++events) {
    {
      const std::lock_guard acting(acting_);
      static_cast<CompletionTag*>(tag)->Complete(ok);
      over_.clear();
    }
    if (events >= kMostEventsInADrain) return;
    status = queue_->AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
  }
}

CompletionLoop::Clock::time_point CompletionLoop::CallOwner(const AfterDrain& after_drain) {
  const Clock::time_point next = after_drain();
  if (stopping() && !shut_down_) {
    shut_down_ = true;
    queue_->Shutdown();
  }
  return next;
}

void CompletionLoop::Run(const AfterDrain& after_drain) {
  void* tag = nullptr;
  bool ok = false;
  // The owner says how long to wait, also before anything came.
  gpr_timespec until = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  for (;;) {
    const grpc::CompletionQueue::NextStatus status = queue_->AsyncNext(&tag, &ok, until);
    if (status == grpc::CompletionQueue::SHUTDOWN) return;
    Drain(status, tag, ok);
    const std::lock_guard acting(acting_);
    until = Timespec(CallOwner(after_drain));
    turns_.fetch_add(1, std::memory_order_relaxed);
  }
}

void CompletionLoop::Relieve(const AfterDrain& after_drain) {
  void* tag = nullptr;
  bool ok = false;
  std::int64_t turns_seen = 0;
  // When the owner is to be called again for what it was left with here; until then, or until the
  // other thread is back, which knows of it as well.
  Clock::time_point due = Clock::time_point::max();
  Clock::duration pause = kPatience;
  bool ending = false;
  for (;;) {
    {
      std::unique_lock lock(relief_mutex_);
      relief_wake_.wait_until(lock, std::min(due, Clock::now() + pause),
                              [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return relief_called_; });
      ending = relief_called_;
    }
    if (ending) std::this_thread::sleep_for(kPatience);
    if (const std::int64_t turns = turns_.load(std::memory_order_relaxed); turns != turns_seen) {
      turns_seen = turns;
      due = Clock::time_point::max();
      pause = kPatience;
      continue;
    }
    const grpc::CompletionQueue::NextStatus status =
        queue_->AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
    if (status == grpc::CompletionQueue::SHUTDOWN) return;
    if (status == grpc::CompletionQueue::TIMEOUT && Clock::now() < due) {
      pause = std::clamp(2 * pause, kShortestPause, kLongestPause);
      continue;
    }
    Drain(status, tag, ok);
    const std::lock_guard acting(acting_);
    due = CallOwner(after_drain);
    turns_seen = turns_.load(std::memory_order_relaxed);
    pause = Clock::duration::zero();
  }
}

void CompletionLoop::Stop() {
  {
    const std::lock_guard lock(relief_mutex_);
    relief_called_ = true;
    relief_wake_.notify_one();
  }
  // A thread of the loop shuts the queue down, while nobody acts: starting an operation on a queue
  // that another thread shuts down at that moment would abort the process.
  stop_alarm_.Set(queue_.get(), gpr_now(GPR_CLOCK_MONOTONIC), &stop_);
}

}  // namespace mlp
