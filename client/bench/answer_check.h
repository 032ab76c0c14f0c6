// Checks that answers under load equal those to the same requests sent alone.

#ifndef MLP_CLIENT_BENCH_ANSWER_CHECK_H_
#define MLP_CLIENT_BENCH_ANSWER_CHECK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mlp {

// Thread-safe once all answers are added.
class AnswerCheck final {
 public:
  // FP32 values may differ from the expected value e by tolerance * (1 + |e|). 0 means bit for bit,
  // which mlp-server promises; other servers evaluate a row differently in different batches.
  // Outputs of other datatypes are always compared bit for bit.
  explicit AnswerCheck(float tolerance) : tolerance_(tolerance) {}

  // Adds the right answer to the next message, as the bytes of a ModelInferResponse.
  void AddExpected(std::string answer) { expected_.push_back(std::move(answer)); }

  // Whether `answer` has the same outputs as the right answer to message number `message`.
  bool IsRight(std::size_t message, absl::string_view answer) const;

 private:
  float tolerance_;
  std::vector<std::string> expected_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ANSWER_CHECK_H_
