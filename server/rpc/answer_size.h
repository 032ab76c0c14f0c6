// The size of the answer to a request, known before anything is evaluated.

#ifndef MLP_SERVER_RPC_ANSWER_SIZE_H_
#define MLP_SERVER_RPC_ANSWER_SIZE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/rpc/infer_request.h"
#include "server/served_models/model_table.h"

namespace mlp {

// The most elements, rows x classes, that the classification extension gives in one answer. Each is
// a separate text, and all of them are written in one step.
inline constexpr std::int64_t kMaxClassifiedElements = 65'536;

// An upper bound on the bytes of the answer to `request`: encoded, or as values before that,
// whichever is more. `request` must have been read against `model`.
std::int64_t AnswerBytes(const ServedModel& model, const InferRequest& request);

// OK, or INVALID_ARGUMENT if `request.answer_bytes`, from AnswerBytes, exceeds
// `model.max_answer_bytes`, or if the classes exceed kMaxClassifiedElements. The message has the
// number and the limit.
absl::Status CheckAnswerSize(const ServedModel& model, const InferRequest& request);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ANSWER_SIZE_H_
