// Admin calls that try to leave no line in the audit, or so many that nobody finds one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;

constexpr char kUnload[] = "/v2/repository/models/digits-elu/unload";

class AuditEscapeTest : public ::testing::Test {
 protected:
  void StartServer(std::vector<std::string> options) {
    options.insert(options.end(), {"--rest-address", "127.0.0.1:0", "--model-control", "explicit",
                                   "--load-model", "*"});
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StartWithTokens() {
    files_.Write("tokens", TokenLine("operator", "admin", "*", "admin-token"));
    StartServer({"--tokens-file", files_.Path("tokens"), "--allow-plaintext-tokens"});
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  const std::string admin_ = "Authorization: Bearer admin-token\r\n";
};

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(AuditEscapeTest, RestClientsThatHangUpAreLogged) {
  StartWithTokens();
  const auto path = [](const char* model, const char* what) {
    return absl::StrCat("/v2/repository/models/", model, "/", what);
  };
  constexpr const char* kModels[] = {"digits-tanh", "digits-elu", "digits-relu"};
  for (int round = 0; round < 4; ++round) {
    for (const char* model : kModels) {
      RestClient client(server_->rest_port());
      EXPECT_EQ(client.Post(path(model, "load"), "", admin_).code, 200);
    }
    // Each client leaves before its answer arrives.
    for (const char* model : kModels) {
      const RestClient client(server_->rest_port());
      EXPECT_TRUE(client.Send(RestClient::PostRequest(path(model, "unload"), "", admin_)));
    }
    const int all = 3 * (round + 1);
    EXPECT_TRUE(Eventually([&] { return CountOf(server_->log(), "' is unloaded") == all; }));
  }
  EXPECT_TRUE(Eventually([&] {
    return CountOf(server_->log(), "audit who=operator from=127.0.0.1:") == 2 * 12;
  })) << server_->log();
}

TEST_F(AuditEscapeTest, RefusalsAfterTheAdmissionAreLogged) {
  StartWithTokens();
  {
    RestClient client(server_->rest_port());
    EXPECT_EQ(client.Post(kUnload, std::string(std::size_t{8} << 20, ' '), admin_).code, 413);
  }
  EXPECT_TRUE(Logs(*server_, "model='digits-elu' result=RESOURCE_EXHAUSTED: the request's body"));
  RestClient client(server_->rest_port());
  EXPECT_EQ(client.Post(kUnload, "{}", admin_ + "Content-Encoding: gzip\r\n").code, 415);
  EXPECT_TRUE(Logs(*server_, "model='digits-elu' result=INVALID_ARGUMENT: the request's body is"));
}

TEST_F(AuditEscapeTest, UnauthenticatedCallersCannotFillTheLog) {
  StartServer({});
  const auto stub = GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  const auto start = std::chrono::steady_clock::now();
  constexpr int kCalls = 1000;
  for (int i = 0; i < kCalls; ++i) {
    grpc::ClientContext context;
    inference::RepositoryModelUnloadRequest request;
    request.set_model_name("none");
    inference::RepositoryModelUnloadResponse response;
    stub->RepositoryModelUnload(&context, request, &response);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_TRUE(Logs(*server_, " more admin calls failed or came from unknown callers"));
  const int lines = CountOf(server_->log(), "who=anybody");
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, 10 * (seconds + 2));
  EXPECT_GE(ReadMetrics(server_->http_port())["mlp_audit_left_out_total{reason=\"rate\"}"],
            kCalls - 10 * (seconds + 2));
}

}  // namespace
}  // namespace mlp
