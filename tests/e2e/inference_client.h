// The protocol's stub and the requests that the tests send, singly or many at a time.

#ifndef MLP_TESTS_E2E_INFERENCE_CLIENT_H_
#define MLP_TESTS_E2E_INFERENCE_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address);

// A raw request for `rows` rows of `width` values.
inference::ModelInferRequest RawRequest(const std::string& model, std::int64_t rows,
                                        std::int64_t width, absl::Span<const float> values);

// A valid raw request for one of the sample models: `rows` rows of small, different values.
inference::ModelInferRequest DigitsRequest(const std::string& model, std::int64_t rows = 1);

// Sends `request` and waits for the answer for at most 60 s.
grpc::Status Infer(inference::GRPCInferenceService::Stub& stub,
                   const inference::ModelInferRequest& request,
                   inference::ModelInferResponse& response);

// Calls the unary method at `path` with bytes that need not be a valid message.
grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                           const std::string& bytes);

// The values of output `index` of a raw answer.
std::vector<float> RawOutput(const inference::ModelInferResponse& response, int index);

// Sends requests, `in_flight` at a time, while `request(0)`, `request(1)`, ... return one.
// `check(i, ...)` gets the answer to the i-th. Returns when all are answered.
void InferMany(const std::shared_ptr<grpc::Channel>& channel, int in_flight,
               const std::function<std::optional<inference::ModelInferRequest>(int)>& request,
               const std::function<void(int, const grpc::Status&,
                                        const inference::ModelInferResponse&)>& check);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_INFERENCE_CLIENT_H_
