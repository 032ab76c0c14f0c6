// Answers a version's warm-up requests, so that its first real request is no slower than later
// ones.

#ifndef MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_
#define MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "server/repository/warm_up.h"

namespace mlp {

// Evaluates one row of zeros and then `requests`, which must have been read for this network. A
// request is cut to `most_rows` rows. Nothing of this is counted. Checks `interrupted` between two
// evaluations and gives up once it is true. Returns whether all were answered.
bool AnswerWarmUp(const Evaluator& evaluator, const std::vector<WarmUpRequest>& requests,
                  std::int64_t most_rows, const std::function<bool()>& interrupted);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_
