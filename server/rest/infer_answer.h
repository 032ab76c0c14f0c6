// Writes the body of the answer to a POST .../infer.

#ifndef MLP_SERVER_REST_INFER_ANSWER_H_
#define MLP_SERVER_REST_INFER_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/open_inference.pb.h"
#include "server/rest/infer_body.h"

namespace mlp {

struct InferAnswer {
  std::string body;
  // How many bytes of it are JSON, if binary values follow.
  std::optional<std::size_t> json_bytes;
};

// The most bytes that the answer takes for a response of `response_bytes`.
std::int64_t MostAnswerBytes(std::int64_t response_bytes);

// `response` must have raw values, as answers to raw requests do. In JSON, a value that is not
// finite becomes null; if some values of an output are infinite, its parameter `infinite_values`
// says how many. INTERNAL if the response is not in the form that the server writes. Throws
// bad_alloc.
absl::StatusOr<InferAnswer> WriteInferAnswer(const inference::ModelInferResponse& response,
                                             const AnswerForm& form);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_ANSWER_H_
