// Bounds the bytes of answers that clients have not read yet, in total and for each connection.
//
// An answer occupies memory until gRPC has sent it, which never happens if the client does not
// read. So its bytes are held from before its evaluation until gRPC is done with it. A request
// whose answer would exceed the budget is refused before it is evaluated.

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
#include "server/batching/connection_shares.h"
#include "server/batching/rejection_reason.h"

namespace mlp {

class AnswerBudget;

// The bytes of one answer, given back on destruction. Movable; belongs to one thread at a time.
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
  std::string connection_;  // empty if the bytes count for none
};

// Thread-safe. Must outlive everything that it holds.
class AnswerBudget final {
 public:
  // While at most half of the limit is held, answers of fewer bytes count in the total but not for
  // their connection: naming the connection costs a string and a lock.
  static constexpr std::int64_t kSmallBytes = 16 << 10;

  // What a call holds in addition to its answer's bytes.
  static constexpr std::int64_t kBytesPerCall = 8'192;

  // What a connection may always hold, however much the others hold: one small answer, or several
  // still smaller ones.
  static constexpr std::int64_t kMinPerConnection = kSmallBytes + kBytesPerCall;

  // `most`: the bytes in total, of which each connection has a share. What connections may always
  // hold comes on top.
  explicit AnswerBudget(std::int64_t most) : most_(most), shares_(most, kMinPerConnection) {}

  // Counts an answer of `bytes` into `held`, or returns why it is refused. If nothing else is held,
  // the answer may have any size. `connection` returns the name of the connection; it is called
  // before this returns, or not at all.
  std::optional<RejectionReason> Hold(std::int64_t bytes,
                                      const std::function<std::string()>& connection,
                                      HeldAnswer& held) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether more than half of the limit is held. Then the answers held restrict other connections,
  // not only their own.
  bool IsHalfHeld() const { return 2 * bytes() > most_; }

  // Bytes that answers hold now.
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class HeldAnswer;

  bool HoldNamed(std::int64_t bytes, const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(std::int64_t bytes, const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::int64_t most_;
  std::atomic<std::int64_t> bytes_ = 0;  // including those in shares_
  std::mutex mutex_;
  ConnectionShares shares_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_ANSWER_BUDGET_H_
