// Waits for a load, which may take any time, and looks for signals meanwhile.

#ifndef MLP_SERVER_LOAD_WAIT_H_
#define MLP_SERVER_LOAD_WAIT_H_

#include <chrono>
#include <future>

#include "server/stop_signals.h"

namespace mlp {

// How long a stop waits for the current step of a load.
inline constexpr std::chrono::milliseconds kLoadPatience(500);

// Waits until the load at the start is over, but after a signal only for kLoadPatience. Returns
// whether the load is over. Takes no signal.
template <typename Outcome>
bool WaitForLoad(const std::future<Outcome>& loading, const StopSignals& signals) {
  constexpr std::chrono::milliseconds kLook(100);
  std::chrono::milliseconds since_signal(0);
  while (loading.wait_for(kLook) != std::future_status::ready) {
    if (!signals.Pending()) continue;
    since_signal += kLook;
    if (since_signal > kLoadPatience) return false;
  }
  return true;
}

}  // namespace mlp

#endif  // MLP_SERVER_LOAD_WAIT_H_
