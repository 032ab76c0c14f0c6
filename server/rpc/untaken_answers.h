// The answers of control calls that are on their way: a client that takes none of its own must not
// keep others from being answered, nor hold memory without a bound.

#ifndef MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_
#define MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/batching/answer_budget.h"

namespace mlp {

// Belongs to one thread.
class UntakenAnswers final {
 public:
  using Clock = std::chrono::steady_clock;

  // Of one connection, and the bytes of all. The only answer there is may be of any size.
  static constexpr std::size_t kMostOfAConnection = 64;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

  // What a call holds beside its answer's bytes.
  static constexpr std::size_t kBytesOfACall = AnswerBudget::kBytesOfACall;

  // How long a client may take for an answer.
  static constexpr std::chrono::seconds kPatience{10};

  struct Answer {
    std::string connection;
    std::size_t bytes = 0;
    Clock::time_point sent;
    std::function<void()> cancel;
  };
  using Place = std::list<Answer>::iterator;

  // Whether one more of `bytes` may be sent to `connection`.
  bool HasRoom(const std::string& connection, std::size_t bytes) const {
    const auto found = by_connection_.find(connection);
    if (found != by_connection_.end() && found->second >= kMostOfAConnection) return false;
    return answers_.empty() || bytes_ + bytes + kBytesOfACall <= kMostBytes;
  }

  // Counts an answer that is sent now, until Remove.
  Place Add(Answer answer) {
    ++by_connection_[answer.connection];
    bytes_ += answer.bytes + kBytesOfACall;
    return answers_.insert(answers_.end(), std::move(answer));
  }

  void Remove(Place place) {
    bytes_ -= place->bytes + kBytesOfACall;
    const auto found = by_connection_.find(place->connection);
    if (--found->second == 0) by_connection_.erase(found);
    answers_.erase(place);
  }

  // Cancels the calls whose clients have taken longer than kPatience.
  void CancelOld(Clock::time_point now) {
    for (Answer& answer : answers_) {
      if (now - answer.sent <= kPatience) return;  // nor have those behind it
      if (answer.cancel) std::exchange(answer.cancel, nullptr)();
    }
  }

 private:
  std::list<Answer> answers_;  // in the order of their sending
  std::size_t bytes_ = 0;
  absl::flat_hash_map<std::string, std::size_t> by_connection_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_UNTAKEN_ANSWERS_H_
