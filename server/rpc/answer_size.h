// How large the answer to a request will be, known before anything is evaluated.

#ifndef MLP_SERVER_RPC_ANSWER_SIZE_H_
#define MLP_SERVER_RPC_ANSWER_SIZE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/rpc/infer_request.h"
#include "server/served_models/model_table.h"

namespace mlp {

// The most elements, rows x classes, that the classification extension gives in one answer: each is
// a text of its own, and all of them are written in one step.
inline constexpr std::int64_t kMostClassifiedElements = 65'536;

// An upper bound of the bytes that the answer to `request` takes, encoded or as values on its way
// there, whichever is more. `request` has been read against `model`.
std::int64_t AnswerBytes(const ServedModel& model, const InferRequest& request);

// OK, or INVALID_ARGUMENT with `request.answer_bytes`, which AnswerBytes gave, or the classes,
// and the limit: `model.max_answer_bytes`, or kMostClassifiedElements.
absl::Status CheckAnswerSize(const ServedModel& model, const InferRequest& request);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_SIZE_H_
