#include "client/bench/waker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>

namespace mlp {
namespace {

// Limits the sleep, so that the end of a run does not wait for a long gap in the schedule.
constexpr auto kLongestSleep = std::chrono::milliseconds(20);

// How long to leave a sender alone that is not waiting. It checks itself what is due, so waking it
// for every request would waste CPU.
constexpr auto kBusySleep = std::chrono::microseconds(50);

}  // namespace

Waker::Waker(const ArrivalSchedule& schedule, LoadClock::time_point start,
             grpc::CompletionQueue& queue)
    : schedule_(schedule), start_(start), queue_(queue), thread_([this] { Run(); }) {}

void Waker::Stop() {
  stop_.store(true);
  if (thread_.joinable()) thread_.join();
}

void Waker::Run() {
  // Otherwise the kernel adds 50 microseconds to a thread's sleep.
  prctl(PR_SET_TIMERSLACK, 1UL);
  LoadClock::time_point awake_from = start_;
  while (!stop_.load()) {
    const LoadClock::time_point now = LoadClock::now();
    const LoadClock::time_point wake_at = std::max(start_ + schedule_.next(), awake_from);
    if (wake_at > now) {
      std::this_thread::sleep_until(std::min<LoadClock::time_point>(wake_at, now + kLongestSleep));
      continue;
    }
    while (start_ + schedule_.next() <= now) schedule_.Pop();
    if (!waiting_.load()) {
      awake_from = now + kBusySleep;
    } else if (!pending_.exchange(true)) {
      alarm_.Set(&queue_, std::chrono::system_clock::time_point(), tag());
    }
  }
}

}  // namespace mlp
