// The bytes of answers that clients have not taken yet, for each connection and in all.
//
// An answer leaves our hands when gRPC has it on its way, which a client that reads nothing never
// lets happen. So the bytes of an answer are held from before its evaluation until gRPC is done
// with it, and a request whose answer would be too much is refused before it is evaluated.

#ifndef MLP_SERVER_BATCHING_ANSWER_BUDGET_H_
#define MLP_SERVER_BATCHING_ANSWER_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "server/batching/rejection_reason.h"

namespace mlp {

struct AnswerLimits {
  std::int64_t bytes = std::int64_t{256} << 20;            // in all
  std::int64_t connection_bytes = std::int64_t{64} << 20;  // of one connection
};

class AnswerBudget;

// The bytes of one answer, given back when this goes. Movable; belongs to one thread at a time.
class HeldAnswer final {
 public:
  HeldAnswer() = default;
  ~HeldAnswer() { Release(); }
  HeldAnswer(HeldAnswer&& other) noexcept { *this = std::move(other); }
  HeldAnswer& operator=(HeldAnswer&& other) noexcept;
  HeldAnswer(const HeldAnswer&) = delete;
  HeldAnswer& operator=(const HeldAnswer&) = delete;

  void Release();

 private:
  friend class AnswerBudget;

  AnswerBudget* budget_ = nullptr;
  std::int64_t bytes_ = 0;
  std::string connection_;  // empty for a small answer
};

// Thread-safe. Outlives all that it holds.
class AnswerBudget final {
 public:
  // Answers of fewer bytes count in all, but not for their connection, whose calls are limited
  // anyway (--max-streams): to name the connection costs a string.
  static constexpr std::int64_t kSmallBytes = 16 << 10;

  // What a call holds beside its answer's bytes.
  static constexpr std::int64_t kBytesOfACall = 8'192;

  explicit AnswerBudget(const AnswerLimits& limits) : limits_(limits) {}

  // Counts an answer of `bytes` into `held`, or says why it may not come to be. A connection's only
  // answer, and the only one of all, may be of any size. `connection` names the connection; it is
  // called for large answers alone.
  std::optional<RejectionReason> Hold(std::int64_t bytes,
                                      const std::function<std::string()>& connection,
                                      HeldAnswer& held) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether answers hold more than half of all bytes, so that they get in the way of others.
  bool IsHalfHeld() const { return 2 * bytes() > limits_.bytes; }

  // Bytes that answers hold now.
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class HeldAnswer;

  bool HoldOfConnection(std::int64_t bytes, const std::string& connection)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(std::int64_t bytes, const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_);

  const AnswerLimits limits_;
  std::atomic<std::int64_t> bytes_ = 0;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::int64_t> by_connection_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_ANSWER_BUDGET_H_
