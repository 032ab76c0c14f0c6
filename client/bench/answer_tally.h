// Counts the answers of one run.

#ifndef MLP_CLIENT_BENCH_ANSWER_TALLY_H_
#define MLP_CLIENT_BENCH_ANSWER_TALLY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "client/bench/answer_check.h"
#include "client/bench/load.h"

namespace mlp {

using LoadClock = std::chrono::steady_clock;

// A request in flight.
struct SentRequest {
  std::size_t message = 0;
  LoadClock::time_point counted_from;  // where its latency starts
};

// Belongs to the thread that sends and receives, except `progress`, which any thread may read.
class AnswerTally final {
 public:
  // `check` may be null: then answers are not checked. Both must outlive this object.
  AnswerTally(const AnswerCheck* check, LoadProgress& progress)
      : check_(check), progress_(progress) {}

  // Whether AddAnswer needs the answer's bytes.
  bool needs_answers() const { return check_ != nullptr; }

  void AddAnswer(const SentRequest& request, absl::string_view answer, LoadClock::time_point now);
  void AddError(grpc::StatusCode code, const std::string& message);

  std::int64_t added() const { return result_.answered + errors_; }
  LoadClock::time_point last_answer() const { return last_answer_; }

  // The counts so far. The sender adds its own counts here.
  LoadResult& result() { return result_; }

 private:
  const AnswerCheck* check_;
  LoadProgress& progress_;
  LoadClock::time_point last_answer_;
  std::int64_t errors_ = 0;
  LoadResult result_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_ANSWER_TALLY_H_
