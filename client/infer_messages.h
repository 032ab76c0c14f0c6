// Converts between the client's types and the protocol's ModelInfer messages. Internal to the
// client.

#ifndef MLP_CLIENT_INFER_MESSAGES_H_
#define MLP_CLIENT_INFER_MESSAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/client.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// The request for Client::Infer, with raw contents. Errors as there. Thread-safe.
absl::StatusOr<inference::ModelInferRequest> MakeInferRequest(
    const ModelMetadata& model, std::int64_t rows, absl::Span<const float> values,
    const std::vector<std::string>& outputs, absl::Span<const std::string> texts = {});

// The outputs of `response`, raw or typed, in the order of `outputs` (in any order if that is
// empty). Servers are not trusted: every shape is checked against the received bytes and against
// `rows`. INTERNAL ("malformed answer") if they differ, if a row is empty or has more than 32
// dimensions, or if a requested output is missing or one appears twice. UNIMPLEMENTED for a
// datatype that the protocol does not have, and for a UINT64 above INT64's range. Thread-safe.
absl::StatusOr<InferResult> ReadInferResponse(const inference::ModelInferResponse& response,
                                              std::int64_t rows,
                                              const std::vector<std::string>& outputs);

}  // namespace mlp

#endif  // MLP_CLIENT_INFER_MESSAGES_H_
