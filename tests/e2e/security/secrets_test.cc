// No secret appears where others can read: in the most verbose log, in /metrics, on the status
// page, in errors, or in what /proc says about the process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/bytes_of_file.h"
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

// gRPC's most verbose log, which contains headers.
const Environment& TalkativeEnvironment() {
  static const Environment environment = {
      {"GRPC_VERBOSITY", "DEBUG"},
      {"GRPC_TRACE", "http,chttp2_hpack_parser,api,channel,secure_endpoint,tsi,server_channel"}};
  return environment;
}

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() { files_.Write("tokens", TokenLine("asker", "infer", "digits-tanh", token_)); }

  void StartServer(std::vector<std::string> options) {
    options.insert(options.end(),
                   {"--model-repository", SampleModels().string(), "--tokens-file",
                    files_.Path("tokens"), "--log-level", "debug", "--slow-request-ms", "1"});
    auto server = ServerProcess::Start(options, TalkativeEnvironment());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // Makes calls with right and with wrong credentials.
  void AskOver(const std::shared_ptr<grpc::Channel>& channel) {
    const auto ask = [&](const std::string& model, const std::vector<std::string>& authorization) {
      const grpc::Status status = AskWith(channel, model, authorization);
      absl::StrAppend(&told_, status.error_message(), status.error_details(), "\n");
      return status.ok();
    };
    EXPECT_TRUE(ask("digits-tanh", {Bearer(token_)}));
    EXPECT_FALSE(ask("digits-elu", {Bearer(token_)}));
    EXPECT_FALSE(ask("digits-tanh", {Bearer(guess_)}));
    EXPECT_FALSE(ask("digits-tanh", {"Basic " + guess_}));
    EXPECT_FALSE(ask("digits-tanh", {Bearer(guess_ + " " + token_)}));
    EXPECT_FALSE(ask("digits-tanh", {Bearer(token_), Bearer(token_)}));
  }

  // Reads everything that the server says, and what /proc says about it.
  void Read() {
    absl::StrAppend(&told_, server_->log());
    for (const char* page : {"/metrics", "/", "/status.json", "/models/digits-tanh", "/no/page"}) {
      const HttpAnswer answer = HttpGet(server_->http_port(), page);
      absl::StrAppend(&told_, answer.head, answer.body);
    }
    absl::StrAppend(&told_, HttpGet(server_->http_port(), "/metrics", "GET",
                                    "Accept: application/openmetrics-text; version=1.0.0\r\n")
                                .body);
    const std::filesystem::path process =
        std::filesystem::path("/proc") / std::to_string(server_->pid());
    for (const char* file : {"cmdline", "environ", "status", "stat", "maps", "smaps", "limits",
                             "mountinfo", "auxv", "cgroup", "comm", "wchan"}) {
      told_ += BytesOfFile(process / file);
    }
    for (const auto& thread : std::filesystem::directory_iterator(process / "task")) {
      told_ += BytesOfFile(thread.path() / "comm");
    }
    std::error_code ignored;  // the folder of another user's process may be unreadable
    for (const auto& file : std::filesystem::directory_iterator(process / "fd", ignored)) {
      told_ += std::filesystem::read_symlink(file, ignored).string();
    }
  }

  void ExpectNothingOf(const std::vector<std::string>& secrets) const {
    for (const std::string& secret : secrets) {
      const std::size_t found = told_.find(secret);
      EXPECT_EQ(found, std::string::npos)
          << secret << " in: " << told_.substr(found - std::min<std::size_t>(found, 200), 400);
    }
    EXPECT_FALSE(absl::StrContains(told_, "PRIVATE KEY"));
  }

  const std::string token_ = "s3cret-token-of-the-test";
  const std::string guess_ = "n3arly-s3cret-guess";
  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
  std::string told_;
};

TEST_F(SecretsTest, AppearInNoOutput) {
  StartServer(files_.ServerOptions());
  AskOver(OpenSecureChannel(server_->grpc_address(), files_.root));
  // A token put into the file in plaintext, and a key put where no key belongs.
  files_.Write("tokens", "name=asker role=infer models=* " + token_ + "\n");
  EXPECT_TRUE(Logs(*server_, "the new tokens file is refused"));
  files_.Write("tokens", "name=asker role=infer models=* sha256=" + token_ + "\n");
  EXPECT_TRUE(Eventually([this] {
    return ReadMetrics(server_->http_port())["mlp_tokens_reloads_total{result=\"refused\"}"] >= 2;
  }));
  files_.Write("server.pem", files_.client.key_pem());
  EXPECT_TRUE(Logs(*server_, "the new TLS files are refused"));
  Read();
  // A line of a key in PEM; not the first line, which only says that it is a key.
  const std::string key = files_.client.key_pem();
  ExpectNothingOf({token_, guess_, Sha256(token_), Sha256(token_).substr(0, 16),
                   key.substr(key.find('\n') + 1, 40)});
}

TEST_F(SecretsTest, AppearInNoOutputOverPlaintextEither) {
  StartServer({"--allow-plaintext-tokens", "--rest-address", "127.0.0.1:0"});
  AskOver(OpenChannel(server_->grpc_address()));
  RestClient rest(server_->rest_port());
  const auto ask = [&](const std::string& path, const std::string& authorization) {
    const RestAnswer answer = rest.Get(path, "Authorization: " + authorization + "\r\n");
    absl::StrAppend(&told_, answer.body);
    for (const auto& [name, value] : answer.headers) absl::StrAppend(&told_, name, value);
    return answer.code;
  };
  EXPECT_EQ(ask("/v2/models/digits-tanh", Bearer(token_)), 200);
  EXPECT_EQ(ask("/v2/models/digits-elu", Bearer(token_)), 403);
  EXPECT_EQ(ask("/v2/models/digits-tanh", Bearer(guess_)), 401);
  EXPECT_EQ(ask("/v2/models/digits-tanh", "Basic " + guess_), 401);
  EXPECT_EQ(ask("/v2/models/digits-tanh", Bearer(guess_ + " " + token_)), 401);
  EXPECT_EQ(ask("/no/such/path", Bearer(token_)), 404);
  Read();
  ExpectNothingOf({token_, guess_, Sha256(token_), Sha256(token_).substr(0, 16)});
}

}  // namespace
}  // namespace mlp
