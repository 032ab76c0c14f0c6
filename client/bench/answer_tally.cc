#include "client/bench/answer_tally.h"

namespace mlp {

void AnswerTally::AddAnswer(const SentRequest& request, absl::string_view answer,
                            LoadClock::time_point now) {
  ++result_.answered;
  last_answer_ = now;
  result_.latency.Record(std::chrono::nanoseconds(now - request.counted_from).count());
  if (check_ != nullptr && !check_->IsRight(request.message, answer)) ++result_.wrong;
  progress_.answered.store(result_.answered, std::memory_order_relaxed);
}

void AnswerTally::AddError(grpc::StatusCode code, const std::string& message) {
  ++errors_;
  ++result_.errors[code];
  if (result_.first_error.empty()) result_.first_error = message;
  progress_.errors.store(errors_, std::memory_order_relaxed);
}

}  // namespace mlp
