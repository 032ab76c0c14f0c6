// The signals that end the server: the first begins its end in good order, the second ends it at
// once.

#ifndef MLP_SERVER_STOP_SIGNALS_H_
#define MLP_SERVER_STOP_SIGNALS_H_

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>

namespace mlp {

// SIGTERM and SIGINT, from its making on only seen by the functions below: make it before any other
// thread, which would otherwise be ended by them.
class StopSignals final {
 public:
  StopSignals();

  // Whether one has come that nobody has waited for yet.
  bool Pending() const;

  // Waits for the next of them and gives its number.
  int Wait() const;

  // The same, or nothing after `patience`.
  std::optional<int> WaitFor(std::chrono::milliseconds patience) const;

 private:
  sigset_t signals_;
};

// From Watch on and as long as it lives, a signal calls `end` on a thread of its own.
class OnSecondSignal final {
 public:
  // Makes the thread, and throws std::system_error where the system has no room for it: make it
  // before anything is served. `signals` must outlive this.
  OnSecondSignal(const StopSignals& signals, std::function<void(int signal)> end);
  ~OnSecondSignal();

  OnSecondSignal(const OnSecondSignal&) = delete;
  OnSecondSignal& operator=(const OnSecondSignal&) = delete;

  // Begins to take signals; until then, they go to other waiters. Needs no memory and
  // no thread, so that it cannot fail. Thread-safe.
  void Watch();

 private:
  std::atomic<bool> watching_ = false;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_STOP_SIGNALS_H_
