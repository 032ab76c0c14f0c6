// Whether a client has paused while a server drained.

#ifndef MLP_TESTS_E2E_PAUSES_H_
#define MLP_TESTS_E2E_PAUSES_H_

#include <algorithm>
#include <chrono>

namespace mlp {

// A server that drains refuses requests once none has come for 200 ms (GrpcServer::Stop). If the
// process of a test stands still for that long, the server is right to refuse what comes later, and
// the test must be repeated.
class Pauses final {
 public:
  // Call this before each request is sent, and when its answer has come.
  void Mark() {
    const Clock::time_point now = Clock::now();
    if (last_ != Clock::time_point()) longest_ = std::max(longest_, now - last_);
    last_ = now;
  }

  // Whether the server may have heard nothing for that long. Half of it counts already, because
  // what is sent does not arrive immediately.
  bool any() const { return longest_ >= std::chrono::milliseconds(100); }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point last_;
  Clock::duration longest_{};
};

// How often a test is repeated because of pauses.
inline constexpr int kMaxRepetitions = 5;

}  // namespace mlp

#endif  // MLP_TESTS_E2E_PAUSES_H_
