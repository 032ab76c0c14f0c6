// Admins whose line names only some models: they reach no others, neither by a name in a request
// nor by a call about the whole server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using grpc::StatusCode;
using inference::GRPCInferenceService;

constexpr char kOwn[] = "digits-tanh";
constexpr char kOthers[] = "digits-elu";

class RestrictedAdminTest : public ::testing::Test {
 protected:
  void SetUp() override {
    files_.Write("tokens", TokenLine("part", "admin", "digits-t*", "part-token") +
                               TokenLine("whole", "admin", "*", "whole-token"));
    auto server = ServerProcess::StartOnSampleModels(
        {"--tokens-file", files_.Path("tokens"), "--allow-plaintext-tokens", "--rest-address",
         "127.0.0.1:0", "--model-control", "explicit", "--load-model", "*"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  }

  static void Prepare(grpc::ClientContext& context, const std::string& token) {
    context.AddMetadata("authorization", Bearer(token));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }
  StatusCode Unload(const std::string& model, const std::string& repository,
                    const std::string& token) const {
    grpc::ClientContext context;
    Prepare(context, token);
    inference::RepositoryModelUnloadRequest request;
    request.set_model_name(model);
    request.set_repository_name(repository);
    inference::RepositoryModelUnloadResponse response;
    return stub_->RepositoryModelUnload(&context, request, &response).error_code();
  }
  StatusCode Load(const std::string& model, const std::string& repository,
                  const std::string& token) const {
    grpc::ClientContext context;
    Prepare(context, token);
    inference::RepositoryModelLoadRequest request;
    request.set_model_name(model);
    request.set_repository_name(repository);
    inference::RepositoryModelLoadResponse response;
    return stub_->RepositoryModelLoad(&context, request, &response).error_code();
  }
  StatusCode SetLog(const std::string& token) const {
    grpc::ClientContext context;
    Prepare(context, token);
    inference::LogSettingsResponse response;
    return stub_->LogSettings(&context, {}, &response).error_code();
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
};

TEST_F(RestrictedAdminTest, CannotReachAnotherModelByARepositoryName) {
  const char* const token = "part-token";
  // KServe's client sends the model's name as that of the repository.
  EXPECT_EQ(Unload("", kOthers, token), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Load("", kOthers, token), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Unload("", "no-such-model", token), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Unload(kOthers, "", token), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Unload(kOthers, kOwn, token), StatusCode::PERMISSION_DENIED);
  // With both names: there is no such repository, and nothing happens to the other model.
  EXPECT_EQ(Unload(kOwn, kOthers, token), StatusCode::NOT_FOUND);
  EXPECT_EQ(Unload("", "", token), StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(AskWith(OpenChannel(server_->grpc_address()), kOthers, {"Bearer whole-token"}).ok());
  EXPECT_EQ(Unload("", kOwn, token), StatusCode::OK);
  EXPECT_EQ(Load("", kOwn, token), StatusCode::OK);
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelUnload model='digits-tanh' result=OK"));
  EXPECT_TRUE(Logs(*server_, "model='digits-elu' result=PERMISSION_DENIED"));
}

TEST_F(RestrictedAdminTest, CannotChangeServerWideSettings) {
  EXPECT_EQ(SetLog("part-token"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(SetLog("whole-token"), StatusCode::OK);
  RestClient rest(server_->rest_port());
  const std::string part = "Authorization: Bearer part-token\r\n";
  const std::string whole = "Authorization: Bearer whole-token\r\n";
  EXPECT_EQ(rest.Get("/v2/logging", part).code, 403);
  EXPECT_EQ(rest.Post("/v2/logging", "{}", part).code, 403);
  EXPECT_EQ(rest.Get("/v2/logging", whole).code, 200);
  EXPECT_EQ(rest.Post("/v2/repository/models/digits-elu/unload", "", part).code, 403);
  EXPECT_EQ(rest.Post("/v2/repository/models/digits-tanh/unload", "", part).code, 200);
}

TEST_F(RestrictedAdminTest, LogsOneLineForOneRefusal) {
  EXPECT_EQ(Unload(kOthers, "", "part-token"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Load(kOwn, "", "part-token"), StatusCode::OK);
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelLoad model='digits-tanh' result=OK"));
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
  const std::string log = server_->log();
  int lines = 0;
  for (std::size_t at = log.find(" audit "); at != std::string::npos;
       at = log.find(" audit ", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 2) << log;
}

}  // namespace
}  // namespace mlp
