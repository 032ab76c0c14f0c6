// Whether answers are what the same requests got when they were asked alone.

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
  // An FP32 value of an answer may differ from the expected one, e, by tolerance * (1 + |e|): 0 is
  // bit for bit, the promise of mlp-server; other servers evaluate a row differently in one batch
  // and in another. Outputs of other datatypes are compared bit for bit.
  explicit AnswerCheck(float tolerance) : tolerance_(tolerance) {}

  // Adds the right answer, a ModelInferResponse's bytes, to the next question.
  void AddExpected(std::string answer) { expected_.push_back(std::move(answer)); }

  // Whether `answer` has the same outputs as the right one to question number `question`.
  bool IsRight(std::size_t question, absl::string_view answer) const;

 private:
  float tolerance_;
  std::vector<std::string> expected_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ANSWER_CHECK_H_
