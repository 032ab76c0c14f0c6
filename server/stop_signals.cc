#include "server/stop_signals.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace mlp {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

bool StopSignals::Pending() const {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

int StopSignals::Wait() const {
  int signal = 0;
  sigwait(&signals_, &signal);
  return signal;
}

std::optional<int> StopSignals::WaitFor(std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::max<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now(),
                                                         std::chrono::nanoseconds(0));
    timespec timeout{};
    timeout.tv_sec = static_cast<std::time_t>(left.count() / 1'000'000'000);
    timeout.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
    const int signal = sigtimedwait(&signals_, nullptr, &timeout);
    if (signal > 0) return signal;
    if (errno != EINTR) return std::nullopt;
  }
}

OnSecondSignal::OnSecondSignal(const StopSignals& signals, std::function<void(int signal)> end)
    : thread_([this, &signals, end = std::move(end)] {
        watching_.wait(false);
        while (!over_.load()) {
          if (const auto signal = signals.WaitFor(std::chrono::milliseconds(50))) end(*signal);
        }
      }) {}

void OnSecondSignal::Watch() {
  watching_.store(true);
  watching_.notify_all();
}

OnSecondSignal::~OnSecondSignal() {
  over_.store(true);
  Watch();
  thread_.join();
}

}  // namespace mlp
