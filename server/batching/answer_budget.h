// The bytes of answers that clients have not taken yet, in all and for each connection.
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
#include "server/batching/connection_shares.h"
#include "server/batching/rejection_reason.h"

namespace mlp {

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
  std::string connection_;  // empty where it does not count for one
};

// Thread-safe. Outlives all that it holds.
class AnswerBudget final {
 public:
  // Until half of the limit is held, answers of fewer bytes count in all, but not for their
  // connection: to name it costs a string and a lock.
  static constexpr std::int64_t kSmallBytes = 16 << 10;

  // What a call holds beside its answer's bytes.
  static constexpr std::int64_t kBytesOfACall = 8'192;

  // What a connection may hold, however much the others do: one small answer, or a few that are
  // smaller.
  static constexpr std::int64_t kLeastOfAConnection = kSmallBytes + kBytesOfACall;

  // `most`: the bytes in all, of which each connection has its share. The answers that connections
  // hold in any case come on top.
  explicit AnswerBudget(std::int64_t most) : most_(most), shares_(most, kLeastOfAConnection) {}

  // Counts an answer of `bytes` into `held`, or says why it may not come to be. The only one of all
  // may be of any size. `connection` names the connection; it is called before this returns, if at
  // all.
  std::optional<RejectionReason> Hold(std::int64_t bytes,
                                      const std::function<std::string()>& connection,
                                      HeldAnswer& held) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether so much is held that it stands in the way of others, and not only of those of its own
  // connection.
  bool IsHalfHeld() const { return 2 * bytes() > most_; }

  // Bytes that answers hold now.
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class HeldAnswer;

  bool HoldNamed(std::int64_t bytes, const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(std::int64_t bytes, const std::string& connection) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::int64_t most_;
  std::atomic<std::int64_t> bytes_ = 0;  // those in shares_ too
  std::mutex mutex_;
  ConnectionShares shares_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_ANSWER_BUDGET_H_
