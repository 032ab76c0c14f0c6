// A test of a server with a model repository of its own.

#ifndef MLP_TESTS_E2E_REPOSITORY_SERVER_TEST_H_
#define MLP_TESTS_E2E_REPOSITORY_SERVER_TEST_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/open_inference.grpc.pb.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"

namespace mlp {

class RepositoryServerTest : public ::testing::Test {
 protected:
  // Starts a server on `folders_`, instead of any that was started before.
  void Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--model-repository", folders_.root().string()});
    auto server = ServerProcess::Start(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = OpenChannel(server_->grpc_address());
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }
  void StartPolling() { Start({"--model-control", "poll", "--poll-seconds", "1"}); }

  PublishedModels folders_;
  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_REPOSITORY_SERVER_TEST_H_
