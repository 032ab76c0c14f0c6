// Answers a version's warm-up requests, so that its first real one is no slower than those after
// it.

#ifndef MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_
#define MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "server/repository/warm_up.h"

namespace mlp {

// Evaluates one row of zeros and then `requests`, which were read for this network; of more rows
// than `most_rows`, as many. Nothing of it is counted. Gives up between two evaluations once
// `interrupted`, and tells whether it has answered all.
bool AnswerWarmUp(const Evaluator& evaluator, const std::vector<WarmUpRequest>& requests,
                  std::int64_t most_rows, const std::function<bool()>& interrupted);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_WARM_UP_ANSWERS_H_
