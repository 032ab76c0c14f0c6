// Answers of control calls that are on their way. A client that takes none of its answers must not
// keep others from being answered, nor hold unbounded memory.

#ifndef MLP_SERVER_RPC_UNREAD_ANSWERS_H_
#define MLP_SERVER_RPC_UNREAD_ANSWERS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "server/batching/answer_budget.h"
#include "server/batching/connection_shares.h"

namespace mlp {

// Belongs to one thread.
class UnreadAnswers final {
 public:
  using Clock = std::chrono::steady_clock;

  // The most bytes in total, of which each connection has a share. If there is only one answer, it
  // may have any size. What connections may always hold comes on top.
  static constexpr std::int64_t kMaxBytes = std::int64_t{32} << 20;

  // What a call holds in addition to its answer's bytes.
  static constexpr std::int64_t kBytesPerCall = AnswerBudget::kBytesPerCall;

  struct Answer {
    std::string connection;
    std::int64_t bytes = 0;
    Clock::time_point sent;
    std::function<void()> cancel;
  };
  using Place = std::list<Answer>::iterator;

  // Counts an answer that is sent now, until Remove. Returns nullopt if its connection would hold
  // more than its share; the answer must then not wait for its client.
  std::optional<Place> Add(Answer answer) {
    answer.bytes += kBytesPerCall;
    // First, because this may throw: nothing is counted then.
    std::list<Answer> added;
    added.push_back(std::move(answer));
    if (!shares_.Take(added.front().connection, added.front().bytes)) return std::nullopt;
    answers_.splice(answers_.end(), added);
    return std::prev(answers_.end());
  }

  void Remove(Place place) {
    shares_.GiveBack(place->connection, place->bytes);
    answers_.erase(place);
  }

  bool empty() const { return answers_.empty(); }

  // Cancels the calls whose answers were sent before `time`.
  void CancelIfSentBefore(Clock::time_point time) {
    for (Answer& answer : answers_) {
      if (answer.sent >= time) return;  // the following ones were sent later
      if (answer.cancel) std::exchange(answer.cancel, nullptr)();
    }
  }

 private:
  std::list<Answer> answers_;  // in the order of sending
  ConnectionShares shares_{kMaxBytes, AnswerBudget::kMinPerConnection};
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNREAD_ANSWERS_H_
