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
  // How much of it is JSON, where values follow in binary.
  std::optional<std::size_t> json_bytes;
};

// The most bytes that the answer to a response of `response_bytes` takes.
std::int64_t MostAnswerBytes(std::int64_t response_bytes);

// `response` is raw, as answers to raw requests are. In JSON, a value that is not finite is null;
// how many of an output's are infinite is then its parameter `infinite_values`. INTERNAL for a
// response that is not as the server writes it. Throws bad_alloc.
absl::StatusOr<InferAnswer> WriteInferAnswer(const inference::ModelInferResponse& response,
                                             const AnswerForm& form);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_ANSWER_H_
