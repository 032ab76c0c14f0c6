// The answers of control calls that are on their way: a client that takes none of its own must not
// keep others from being answered, nor hold memory without a bound.

#ifndef MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_
#define MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_

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
class UntakenAnswers final {
 public:
  using Clock = std::chrono::steady_clock;

  // The bytes of all, of which each connection has its share. The only answer there is may be of
  // any size, and the answers that a connection may have in any case come on top.
  static constexpr std::int64_t kMostBytes = std::int64_t{32} << 20;

  // What a call holds beside its answer's bytes.
  static constexpr std::int64_t kBytesOfACall = AnswerBudget::kBytesOfACall;

  struct Answer {
    std::string connection;
    std::int64_t bytes = 0;
    Clock::time_point sent;
    std::function<void()> cancel;
  };
  using Place = std::list<Answer>::iterator;

  // Counts an answer that is sent now, until Remove. Nothing where its connection has as much as it
  // may: the answer must not wait for its client.
  std::optional<Place> Add(Answer answer) {
    answer.bytes += kBytesOfACall;
    // First what may find no memory: nothing is counted then.
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
      if (answer.sent >= time) return;  // nor were those behind it
      if (answer.cancel) std::exchange(answer.cancel, nullptr)();
    }
  }

 private:
  std::list<Answer> answers_;  // in the order of their sending
  ConnectionShares shares_{kMostBytes, AnswerBudget::kLeastOfAConnection};
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_
