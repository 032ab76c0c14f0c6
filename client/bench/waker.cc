#include "client/bench/waker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>

namespace mlp {
namespace {

// So that the end of a run need not wait for a schedule with long gaps.
constexpr auto kLongestSleep = std::chrono::milliseconds(20);

// How long a sender that does not wait is left alone: it looks for itself what is due, and waking
// for every request beside it would cost the CPU more than it is worth.
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
  // The kernel adds 50 microseconds to a thread's sleep otherwise.
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
