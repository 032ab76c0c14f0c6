#include "server/rpc/completion_loop.h"

#include <grpc/support/time.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

namespace mlp {
namespace {

// Limits a drain: a queue that fills as fast as it is drained must not delay the first answers.
constexpr int kMaxEventsPerDrain = 1024;

// How long gRPC may keep the own thread before the relief looks for tags; the longest pause between
// two looks if gRPC never keeps it; and the shortest pause while gRPC keeps it.
constexpr CompletionLoop::Clock::duration kPatience = std::chrono::milliseconds(1);
constexpr CompletionLoop::Clock::duration kLongestPause = std::chrono::milliseconds(5);
constexpr CompletionLoop::Clock::duration kShortestPause = std::chrono::microseconds(250);

// After this many looks in a row that find nothing, the relief rests.
constexpr int kLooksBeforeRest = 20;

// A thread that takes more CPU time than this in gRPC while its relief rests may be kept.
constexpr std::chrono::milliseconds kCpuOfAKeptThread(1);

// In a turn this short, what comes during the turn and what comes after it are treated alike.
constexpr std::chrono::microseconds kShortTurn(50);

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
                               Observers observers)
    : queue_(std::move(queue)), observers_(std::move(observers)), own_cpu_clock_(kNoClock) {}

CompletionLoop::Event CompletionLoop::Look(Clock::time_point since) {
  Event event;
  event.status = queue_->AsyncNext(&event.tag, &event.ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
  event.since = since;
  return event;
}

CompletionLoop::Event CompletionLoop::Wait(gpr_timespec until) {
  Event event;
  event.status = queue_->AsyncNext(&event.tag, &event.ok, until);
  event.since = Clock::now();
  return event;
}

bool CompletionLoop::Drain(Event event, bool own) {
  for (int events = 1; event.status == grpc::CompletionQueue::GOT_EVENT; ++events) {
    if (own) Enter(Doing::kActing);
    {
      const std::lock_guard acting(acting_);
      came_since_ = event.since;
      static_cast<CompletionTag*>(event.tag)->Complete(event.ok);
    }
    if (events >= kMaxEventsPerDrain) return false;
    if (own) Enter(Doing::kDraining);
    event = Look(event.since);
  }
  return true;
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
  // The owner says how long to wait, even before anything has come.
  gpr_timespec until = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  Clock::time_point emptied = Clock::now();
  Clock::time_point acted = emptied;
  bool is_empty = true;
  for (;;) {
    Event event;
    if (!is_empty || acted - emptied > kShortTurn) event = Look(emptied);
    const bool waits = event.status == grpc::CompletionQueue::TIMEOUT;
    if (waits) event = Wait(until);
    if (event.status == grpc::CompletionQueue::SHUTDOWN) break;
    const Clock::time_point begin = waits ? event.since : acted;
    is_empty = Drain(event, /*own=*/true);
    if (is_empty) emptied = Clock::now();
    Enter(Doing::kActing);
    {
      const std::lock_guard acting(acting_);
      until = Timespec(CallOwner(after_drain));
      acted = Clock::now();
      // A wake-up with nothing to do does not count as a turn.
      if (event.status == grpc::CompletionQueue::GOT_EVENT || acted - begin > kShortTurn) {
        observers_.turn(acted - begin);
      }
    }
    Enter(Doing::kWaiting);
    // More events may follow, and gRPC may keep this thread for them.
    if (event.status == grpc::CompletionQueue::GOT_EVENT && relief_rests()) {
      WakeRelief(&Calls::look);
    }
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
  // If the CPU time is unknown, the relief checks.
  bool may_be_kept = true;
  if (clock != kNoClock && clock_gettime(clock, &time) == 0) {
    const std::chrono::nanoseconds cpu =
        std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    may_be_kept = cpu - std::exchange(own_cpu_seen_, cpu) > kCpuOfAKeptThread;
  }
  if (may_be_kept && relief_rests()) WakeRelief(&Calls::look);
}

void CompletionLoop::Relieve(const AfterDrain& after_drain) {
  Step seen = step_.load(std::memory_order_relaxed);
  Step owner_called_in = seen;
  // When the owner wants to be called again for the work left after its call below. Holds until
  // then, or until the own thread is back, which also knows of that work.
  Clock::time_point due = Clock::time_point::max();
  Clock::duration pause = kPatience;
  // What the relief finds has mostly come since this time, because a kept thread does not look.
  Clock::time_point looked = Clock::now();
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
    Event event;
    const Clock::time_point begin = Clock::now();
    if (kept) event = Look(std::max(looked, begin - kLongestPause));
    looked = begin;
    if (event.status == grpc::CompletionQueue::SHUTDOWN) return;
    const bool took_over = event.status == grpc::CompletionQueue::GOT_EVENT;
    // The own thread has completed tags on which the owner has not acted yet.
    const bool left_undone = kept && DoingIn(step) == Doing::kDraining && owner_called_in != step;
    if (!took_over && !left_undone && !calls.call_owner && Clock::now() < due) {
      pause = std::clamp(2 * pause, kShortestPause, kLongestPause);
      ++looks_for_nothing;
      continue;
    }
    Drain(event, /*own=*/false);
    const std::lock_guard acting(acting_);
    due = CallOwner(after_drain);
    looked = Clock::now();
    if (took_over) {
      observers_.turn(looked - begin);
      observers_.takeover();
    }
    seen = owner_called_in = step_.load(std::memory_order_relaxed);
    if (took_over) {
      pause = Clock::duration::zero();
      looks_for_nothing = 0;
    }
  }
}

void CompletionLoop::Stop() {
  // A thread of the loop shuts the queue down, while nobody acts: if one thread starts an operation
  // on a queue while another shuts it down, the process aborts.
  stop_alarm_.Set(queue_.get(), gpr_now(GPR_CLOCK_MONOTONIC), &stop_);
  {
    const std::lock_guard lock(relief_mutex_);
    calls_.stop = true;
  }
  WakeRelief(&Calls::look);
}

}  // namespace mlp
