#include "server/rpc/completion_loop.h"

#include <grpc/support/time.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

namespace mlp {
namespace {

// A queue that fills as fast as it is drained must not keep what came first from being answered.
constexpr int kMostEventsInADrain = 1024;

// How long gRPC may keep the own thread before the relief looks for tags; the longest pause between
// two looks where it never does; and the shortest while it does.
constexpr CompletionLoop::Clock::duration kPatience = std::chrono::milliseconds(1);
constexpr CompletionLoop::Clock::duration kLongestPause = std::chrono::milliseconds(5);
constexpr CompletionLoop::Clock::duration kShortestPause = std::chrono::microseconds(250);

// After so many looks, one after the other, that find nothing, the relief rests.
constexpr int kLooksBeforeRest = 20;

// A thread that takes more CPU time than this in gRPC while its relief rests may be kept.
constexpr std::chrono::milliseconds kCpuOfAKeptThread(1);

constexpr clockid_t kNoClock = -1;

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

CompletionLoop::CompletionLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue,
                               std::function<void()> count_takeover)
    : queue_(std::move(queue)),
      count_takeover_(std::move(count_takeover)),
      own_cpu_clock_(kNoClock) {}

void CompletionLoop::Drain(grpc::CompletionQueue::NextStatus status, void* tag, bool ok, bool own) {
  for (int events = 1; status == grpc::CompletionQueue::GOT_EVENT; ++events) {
    if (own) Enter(Doing::kActing);
    {
      const std::lock_guard acting(acting_);
      static_cast<CompletionTag*>(tag)->Complete(ok);
    }
    if (events >= kMostEventsInADrain) return;
    if (own) Enter(Doing::kDraining);
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
  clockid_t cpu_clock = kNoClock;
  if (pthread_getcpuclockid(pthread_self(), &cpu_clock) == 0) own_cpu_clock_ = cpu_clock;
  void* tag = nullptr;
  bool ok = false;
  // The owner says how long to wait, also before anything came.
  gpr_timespec until = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  for (;;) {
    const grpc::CompletionQueue::NextStatus status = queue_->AsyncNext(&tag, &ok, until);
    if (status == grpc::CompletionQueue::SHUTDOWN) break;
    Drain(status, tag, ok, /*own=*/true);
    Enter(Doing::kActing);
    {
      const std::lock_guard acting(acting_);
      until = Timespec(CallOwner(after_drain));
    }
    Enter(Doing::kWaiting);
    // More may follow, with which gRPC keeps this thread.
    if (status == grpc::CompletionQueue::GOT_EVENT && relief_rests()) WakeRelief(&Calls::look);
  }
  own_cpu_clock_ = kNoClock;
  WakeRelief(&Calls::ended);
}

CompletionLoop::Calls CompletionLoop::SleepUntilCalled(Clock::time_point until) {
  std::unique_lock lock(relief_mutex_);
  const auto called = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return calls_.look || calls_.call_owner || calls_.ended;
  };
  if (until == Clock::time_point::max()) {
    relief_wake_.wait(lock, called);
  } else {
    relief_wake_.wait_until(lock, until, called);
  }
  const Calls calls = calls_;
  calls_.look = calls_.call_owner = false;
  return calls;
}

void CompletionLoop::WakeRelief(bool Calls::*call) {
  relief_rests_.store(false, std::memory_order_relaxed);
  const std::lock_guard lock(relief_mutex_);
  calls_.*call = true;
  relief_wake_.notify_one();
}

void CompletionLoop::CallOwnerSoon() { WakeRelief(&Calls::call_owner); }

void CompletionLoop::WakeReliefIfKept() {
  timespec time{};
  const clockid_t clock = own_cpu_clock_;
  // Where the time cannot be had, the relief looks itself.
  bool may_be_kept = true;
  if (clock != kNoClock && clock_gettime(clock, &time) == 0) {
    const std::chrono::nanoseconds cpu =
        std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    may_be_kept = cpu - std::exchange(own_cpu_seen_, cpu) > kCpuOfAKeptThread;
  }
  if (may_be_kept && relief_rests()) WakeRelief(&Calls::look);
}

void CompletionLoop::Relieve(const AfterDrain& after_drain) {
  void* tag = nullptr;
  bool ok = false;
  Step seen = step_.load(std::memory_order_relaxed);
  Step owner_called_in = seen;
  // When the owner is to be called again for what it was left with here; until then, or until the
  // own thread is back, which knows of it as well.
  Clock::time_point due = Clock::time_point::max();
  Clock::duration pause = kPatience;
  bool stopping = false;
  for (int looks_for_nothing = 0;;) {
    const bool rests = looks_for_nothing >= kLooksBeforeRest && !stopping;
    relief_rests_.store(rests, std::memory_order_relaxed);
    const Calls calls = SleepUntilCalled(rests ? due : std::min(due, Clock::now() + pause));
    relief_rests_.store(false, std::memory_order_relaxed);
    if (calls.ended) return;
    stopping = calls.stop;
    if (calls.look) looks_for_nothing = 0;

    const Step step = step_.load(std::memory_order_relaxed);
    const bool kept = step == seen && DoingIn(step) != Doing::kActing;
    if (!kept) {
      seen = step;
      due = Clock::time_point::max();
      pause = std::clamp(pause + pause / 4, kPatience, kLongestPause);
      looks_for_nothing = 0;
      if (!calls.call_owner) continue;
    }
    grpc::CompletionQueue::NextStatus status = grpc::CompletionQueue::TIMEOUT;
    if (kept) status = queue_->AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
    if (status == grpc::CompletionQueue::SHUTDOWN) return;
    const bool took_over = status == grpc::CompletionQueue::GOT_EVENT;
    // The own thread has completed tags on which the owner has not acted.
    const bool left_undone = kept && DoingIn(step) == Doing::kDraining && owner_called_in != step;
    if (!took_over && !left_undone && !calls.call_owner && Clock::now() < due) {
      pause = std::clamp(2 * pause, kShortestPause, kLongestPause);
      ++looks_for_nothing;
      continue;
    }
    if (took_over) count_takeover_();
    Drain(status, tag, ok, /*own=*/false);
    const std::lock_guard acting(acting_);
    due = CallOwner(after_drain);
    seen = owner_called_in = step_.load(std::memory_order_relaxed);
    if (took_over) {
      pause = Clock::duration::zero();
      looks_for_nothing = 0;
    }
  }
}

void CompletionLoop::Stop() {
  // A thread of the loop shuts the queue down, while nobody acts: starting an operation on a queue
  // that another thread shuts down at that moment would abort the process.
  stop_alarm_.Set(queue_.get(), gpr_now(GPR_CLOCK_MONOTONIC), &stop_);
  {
    const std::lock_guard lock(relief_mutex_);
    calls_.stop = true;
  }
  WakeRelief(&Calls::look);
}

}  // namespace mlp
