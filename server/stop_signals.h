// The signals that stop the server: the first starts an orderly stop, the second ends the process
// immediately.

#ifndef MLP_SERVER_STOP_SIGNALS_H_
#define MLP_SERVER_STOP_SIGNALS_H_

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>

namespace mlp {

// SIGTERM and SIGINT. After construction, these signals are delivered only to the functions below.
// Construct it before any other thread starts: a thread started earlier would still receive them,
// and the process would end.
class StopSignals final {
 public:
  StopSignals();

  // Whether a signal has arrived that no call below has taken yet.
  bool Pending() const;

  // Waits for the next signal and returns its number.
  int Wait() const;

  // The same, or nullopt after `patience`.
  std::optional<int> WaitFor(std::chrono::milliseconds patience) const;

 private:
  sigset_t signals_;
};

// From Watch until destruction, each signal calls `end` on a separate thread.
class OnSecondSignal final {
 public:
  // Starts the thread. Throws std::system_error if the system cannot create it, so construct it
  // before anything is served. `signals` must outlive this.
  OnSecondSignal(const StopSignals& signals, std::function<void(int signal)> end);
  ~OnSecondSignal();

  OnSecondSignal(const OnSecondSignal&) = delete;
  OnSecondSignal& operator=(const OnSecondSignal&) = delete;

  // Begins to take signals; until then, other waiters get them. Needs no memory and no new thread,
  // so it cannot fail. Thread-safe.
  void Watch();

 private:
  std::atomic<bool> watching_ = false;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_STOP_SIGNALS_H_
