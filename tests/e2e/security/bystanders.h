// Well-behaved clients that make calls while others attack.

#ifndef MLP_TESTS_E2E_SECURITY_BYSTANDERS_H_
#define MLP_TESTS_E2E_SECURITY_BYSTANDERS_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/security/secure_channel.h"

namespace mlp {

// From construction to Stop, one client makes calls on one lasting connection, at most 200 a
// second, and another opens a new connection for each call, five times a second.
class Bystanders final {
 public:
  // `open` makes a channel with a separate connection, on any thread.
  explicit Bystanders(std::function<std::shared_ptr<grpc::Channel>()> open)
      : open_(std::move(open)),
        steady_([this] { AskOnOneConnection(); }),
        coming_([this] { ComeAnew(); }) {}
  ~Bystanders() { Stop(); }
  Bystanders(const Bystanders&) = delete;
  Bystanders& operator=(const Bystanders&) = delete;

  // Ends both. The functions below then return their results.
  void Stop() {
    over_ = true;
    if (steady_.joinable()) steady_.join();
    if (coming_.joinable()) coming_.join();
  }

  std::size_t answered() const { return latencies_ms_.size() + new_connections_; }
  // The errors of failed calls, of both clients.
  std::vector<std::string> Failures() const {
    std::vector<std::string> all = steady_failures_;
    all.insert(all.end(), coming_failures_.begin(), coming_failures_.end());
    return all;
  }

  // The latency below which `share` of the calls on the lasting connection stay.
  double LatencyMs(double share) const {
    if (latencies_ms_.empty()) return 0;
    std::vector<double> sorted = latencies_ms_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  }

 private:
  using Clock = std::chrono::steady_clock;

  void AskOnOneConnection() {
    const auto channel = open_();
    // The first call waits for the connection.
    const grpc::Status first = AskWith(channel, kModel);
    if (!first.ok()) steady_failures_.push_back(first.error_message());
    while (!over_) {
      const Clock::time_point begin = Clock::now();
      const grpc::Status status = AskWith(channel, kModel);
      if (status.ok()) {
        latencies_ms_.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      } else {
        steady_failures_.push_back(status.error_message());
      }
      std::this_thread::sleep_until(begin + std::chrono::milliseconds(5));
    }
  }

  void ComeAnew() {
    while (!over_) {
      const grpc::Status status = AskWith(open_(), kModel);
      if (status.ok()) {
        ++new_connections_;
      } else {
        coming_failures_.push_back(status.error_message());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  static constexpr char kModel[] = "digits-tanh";

  const std::function<std::shared_ptr<grpc::Channel>()> open_;
  std::atomic<bool> over_ = false;
  std::vector<double> latencies_ms_;
  std::vector<std::string> steady_failures_;
  std::size_t new_connections_ = 0;
  std::vector<std::string> coming_failures_;
  std::thread steady_;  // after the members it uses
  std::thread coming_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_BYSTANDERS_H_
