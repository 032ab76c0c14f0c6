// The clients of the soak. Each is a thread that runs until it is told to end, and counts what it
// sends and receives.

#ifndef MLP_TESTS_E2E_SOAK_SOAK_CLIENTS_H_
#define MLP_TESTS_E2E_SOAK_SOAK_CLIENTS_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace mlp {

// The counts of one kind of client. Thread-safe.
class SoakTally final {
 public:
  void Sent() { sent_.fetch_add(1); }
  void Got(grpc::StatusCode code) ABSL_LOCKS_EXCLUDED(mutex_);

  // Records an answer whose values differ from those for the same rows without load.
  void Wrong(const std::string& what) ABSL_LOCKS_EXCLUDED(mutex_);

  std::int64_t sent() const { return sent_.load(); }
  std::map<grpc::StatusCode, std::int64_t> codes() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<std::string> wrong() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::atomic<std::int64_t> sent_ = 0;
  mutable std::mutex mutex_;
  std::map<grpc::StatusCode, std::int64_t> codes_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> wrong_ ABSL_GUARDED_BY(mutex_);
};

// The right answers by model: raw output 0 for digits rows. The right answer for the first rows is
// a prefix of it. A model that is swapped has several.
using RightAnswers = std::map<std::string, std::vector<std::string>>;

inline constexpr std::int64_t kSoakRows = 1024;  // in each right answer

struct SoakContext {
  std::string address;
  const RightAnswers& right;
  const std::atomic<bool>& end;
};

// Sends unary calls of 1 to 64 rows to `model`, with a new connection every thousand.
void RunUnaryClient(const SoakContext& context, const std::string& model, unsigned seed,
                    SoakTally& tally);

// Sends streams of a hundred requests each to `model`.
void RunStreamClient(const SoakContext& context, const std::string& model, unsigned seed,
                     SoakTally& tally);

// Sends invalid requests, each invalid in another way.
void RunWrongClient(const SoakContext& context, const std::string& model, SoakTally& tally);

// Sends requests and soon cancels them, or gives them short deadlines and timeouts.
void RunImpatientClient(const SoakContext& context, const std::string& model, unsigned seed,
                        SoakTally& tally);

// Sends a burst of large requests now and then, more than may wait.
void RunBurstClient(const SoakContext& context, const std::string& model, SoakTally& tally);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SOAK_SOAK_CLIENTS_H_
