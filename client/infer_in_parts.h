// Asks for more rows than one request may hold.

#ifndef MLP_CLIENT_INFER_IN_PARTS_H_
#define MLP_CLIENT_INFER_IN_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// As Client::Infer, in requests of at most `rows_per_request` rows, one after the other; the
// answers are joined. 0 sends everything in one request. The version that answered the first
// request is asked for all the others, so that a model swapped meanwhile never mixes its answers
// with its predecessor's. The first error ends it. Thread-safe.
absl::StatusOr<InferResult> InferInParts(const Client& client, const ModelMetadata& model,
                                         std::int64_t rows, absl::Span<const float> values,
                                         const std::vector<std::string>& outputs,
                                         std::int64_t rows_per_request,
                                         absl::Span<const std::string> texts = {});

}  // namespace mlp

#endif  // MLP_CLIENT_INFER_IN_PARTS_H_
