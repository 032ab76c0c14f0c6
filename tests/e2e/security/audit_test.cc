// The audit's lines in the log: callers that may make admin calls can neither switch them off nor
// forge one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using ::testing::HasSubstr;
using ::testing::Not;

class AuditTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    files_.Write("tokens", TokenLine("operator", "admin", "*", "admin-token") +
                               TokenLine("asker", "infer", "*", "infer-token"));
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(),
                   {"--tokens-file", files_.Path("tokens"), "--model-control", "explicit",
                    "--load-model", "*", "--log-level", "error", "--log-format", GetParam()});
    // No line of the log says ready, because its level is hidden.
    options.insert(options.end(),
                   {"--grpc-address", "unix:" + files_.Path("grpc.sock"), "--http-address",
                    "127.0.0.1:0", "--model-repository", SampleModels().string()});
    auto server = ServerProcess::StartUntil("", options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = GRPCInferenceService::NewStub(
        OpenSecureChannel("unix:" + files_.Path("grpc.sock"), files_.root));
  }

  static void Prepare(grpc::ClientContext& context, const std::string& token) {
    context.AddMetadata("authorization", Bearer(token));
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }
  grpc::Status Unload(const std::string& model, const std::string& token) const {
    grpc::ClientContext context;
    Prepare(context, token);
    inference::RepositoryModelUnloadRequest request;
    request.set_model_name(model);
    inference::RepositoryModelUnloadResponse response;
    return stub_->RepositoryModelUnload(&context, request, &response);
  }
  // Makes the log hide every level.
  grpc::Status HideAll() const {
    grpc::ClientContext context;
    Prepare(context, "admin-token");
    inference::LogSettingsRequest request;
    for (const char* level : {"log_info", "log_warning", "log_error"}) {
      (*request.mutable_settings())[level].set_bool_param(false);
    }
    inference::LogSettingsResponse response;
    return stub_->LogSettings(&context, request, &response);
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
};

TEST_P(AuditTest, ContinuesAtEveryLogLevel) {
  ASSERT_TRUE(Unload("digits-relu", "admin-token").ok());
  EXPECT_TRUE(Logs(*server_,
                   "audit who=operator from=unix: call=RepositoryModelUnload "
                   "model='digits-relu' result=OK"));
  ASSERT_TRUE(HideAll().ok());
  EXPECT_TRUE(Logs(*server_, "call=LogSettings result=OK"));
  EXPECT_EQ(Unload("digits-elu", "infer-token").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Logs(*server_,
                   "audit who=asker from=unix: call=RepositoryModelUnload "
                   "result=PERMISSION_DENIED"));
  EXPECT_TRUE(Unload("digits-elu", "admin-token").ok());
  EXPECT_TRUE(Logs(*server_, "call=RepositoryModelUnload model='digits-elu' result=OK"));
  EXPECT_THAT(server_->log(), Not(HasSubstr("draining")));
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 0);
  EXPECT_THAT(server_->log(), Not(HasSubstr("draining"))) << "other lines stay hidden";
}

TEST_P(AuditTest, CannotBeForgedByAName) {
  const std::string forged = "2026-01-01T00:00:00.000000Z info audit who=root";
  for (const std::string& name :
       {"a\n" + forged, "a\r" + forged, "\x1b[2J" + forged, "a' result=OK " + forged,
        "a\"}\n{\"message\":\"" + forged, "a\xc2\x9b" + forged, "\\" + forged}) {
    EXPECT_FALSE(Unload(name, "admin-token").ok());
  }
  ASSERT_TRUE(Unload("digits-relu", "admin-token").ok());
  EXPECT_TRUE(Logs(*server_, "model='digits-relu' result=OK"));
  std::istringstream log(server_->log());
  int lines = 0;
  for (std::string line; std::getline(log, line); ++lines) {
    EXPECT_FALSE(absl::StartsWith(line, forged)) << line;
    EXPECT_EQ(line.find_first_of("\x1b\r\x9b"), std::string::npos) << line;
    if (std::string(GetParam()) != "json") continue;
    const auto parsed = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(parsed.is_object()) << line;
    EXPECT_EQ(parsed.size(), 3U) << line;
    EXPECT_TRUE(absl::StartsWith(parsed.at("message").get<std::string>(), "audit who=operator"))
        << line;
  }
  EXPECT_EQ(lines, 8);
}

INSTANTIATE_TEST_SUITE_P(Formats, AuditTest, ::testing::Values("text", "json"));

}  // namespace
}  // namespace mlp
