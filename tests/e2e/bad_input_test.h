// A server of the sample models that all tests of a suite share, and the check that it keeps
// serving.

#ifndef MLP_TESTS_E2E_BAD_INPUT_TEST_H_
#define MLP_TESTS_E2E_BAD_INPUT_TEST_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>

#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {

// Gives the request's first input this shape, and leaves its contents.
inline void SetShape(inference::ModelInferRequest& request,
                     std::initializer_list<std::int64_t> shape) {
  inference::ModelInferRequest::InferInputTensor& input = *request.mutable_inputs(0);
  input.clear_shape();
  for (const std::int64_t dimension : shape) input.add_shape(dimension);
}

class BadInputServerTest : public ::testing::Test {
 public:
  static constexpr std::int64_t kMaxBatchRows = 128;

 protected:
  static void SetUpTestSuite() {
    server_ = ServerProcess::StartOnSampleModels({"--max-batch-rows", "128"}).value();
    channel_ = OpenChannel(server_->grpc_address());
  }
  static void TearDownTestSuite() {
    channel_.reset();
    server_.reset();
  }

  static void ExpectServing() {
    inference::ModelInferResponse response;
    const auto stub = inference::GRPCInferenceService::NewStub(channel_);
    const grpc::Status status = Infer(*stub, DigitsRequest("digits-tanh"), response);
    EXPECT_TRUE(status.ok()) << status.error_message() << "\n" << server_->log();
  }

  inline static std::unique_ptr<ServerProcess> server_;
  inline static std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_BAD_INPUT_TEST_H_
