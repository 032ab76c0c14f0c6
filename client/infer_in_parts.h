// Sends more rows than one request may hold.

#ifndef MLP_CLIENT_INFER_IN_PARTS_H_
#define MLP_CLIENT_INFER_IN_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// Like Client::Infer, in successive requests of at most `rows_per_request` rows; joins the answers.
// 0 sends everything in one request. All requests after the first ask for the version that answered
// it, so answers of two versions never mix if the model is replaced meanwhile. Stops at the first
// error. Thread-safe.
absl::StatusOr<InferResult> InferInParts(const Client& client, const ModelMetadata& model,
                                         std::int64_t rows, absl::Span<const float> values,
                                         const std::vector<std::string>& outputs,
                                         std::int64_t rows_per_request,
                                         absl::Span<const std::string> texts = {});

}  // namespace mlp

#endif  // MLP_CLIENT_INFER_IN_PARTS_H_
