// Reads one output of an answer. Internal to the client.

#ifndef MLP_CLIENT_OUTPUT_TENSOR_H_
#define MLP_CLIENT_OUTPUT_TENSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// `output` with its contents, or with `raw` if that is not null. Servers are not trusted: the shape
// is checked against the received data and against `rows`. Errors as for ReadInferResponse.
// Thread-safe.
absl::StatusOr<Tensor> ReadOutputTensor(
    const inference::ModelInferResponse::InferOutputTensor& output, const std::string* raw,
    std::int64_t rows);

}  // namespace mlp

#endif  // MLP_CLIENT_OUTPUT_TENSOR_H_
