// Waiting for what another thread or process does asynchronously.

#ifndef MLP_TESTS_EVENTUALLY_H_
#define MLP_TESTS_EVENTUALLY_H_

#include <chrono>
#include <functional>
#include <thread>

namespace mlp {

// Waits until `holds` returns true, at most two minutes: ThreadSanitizer on a busy machine is slow.
// Returns whether it did.
inline bool Eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace mlp

#endif  // MLP_TESTS_EVENTUALLY_H_
