// Nothing that is secret stands where others read: the log at its most talkative, /metrics, the
// status page, errors, and what /proc tells of the process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

TEST(SecretsTest, StandNowhere) {
  const std::string token = "s3cret-token-of-the-test";
  const std::string guess = "n3arly-s3cret-guess";
  const TlsFilesOnDisk files;
  files.Write("tokens", TokenLine("asker", "infer", "digits-tanh", token));
  std::vector<std::string> options = files.ServerOptions();
  options.insert(options.end(), {"--tokens-file", files.Path("tokens"), "--log-level", "debug",
                                 "--slow-request-ms", "1"});
  auto started = ServerProcess::StartOnSampleModels(options);
  ASSERT_TRUE(started.ok()) << started.status();
  const ServerProcess& server = **started;
  const auto channel = OpenSecureChannel(server.grpc_address(), files.root);

  std::string told;
  const auto ask = [&](const std::string& model, const std::vector<std::string>& authorization) {
    const grpc::Status status = AskWith(channel, model, authorization);
    absl::StrAppend(&told, status.error_message(), status.error_details(), "\n");
    return status.ok();
  };
  EXPECT_TRUE(ask("digits-tanh", {Bearer(token)}));
  EXPECT_FALSE(ask("digits-elu", {Bearer(token)}));
  EXPECT_FALSE(ask("digits-tanh", {Bearer(guess)}));
  EXPECT_FALSE(ask("digits-tanh", {"Basic " + guess}));
  EXPECT_FALSE(ask("digits-tanh", {Bearer(token), Bearer(token)}));
  // A token that somebody puts into the file as it is, and a key where no key belongs.
  files.Write("tokens", "name=asker role=infer models=* " + token + "\n");
  EXPECT_TRUE(Logs(server, "the new tokens file is refused"));
  files.Write("tokens", "name=asker role=infer models=* sha256=" + token + "\n");
  files.Write("server.pem", files.client.key_pem());
  EXPECT_TRUE(Logs(server, "the new files of TLS are refused"));

  absl::StrAppend(&told, server.log());
  for (const char* page : {"/metrics", "/", "/status.json", "/models/digits-tanh"}) {
    absl::StrAppend(&told, HttpGet(server.http_port(), page).body);
  }
  const std::filesystem::path process =
      std::filesystem::path("/proc") / std::to_string(server.pid());
  for (const char* file : {"cmdline", "environ", "status", "maps"}) {
    std::ifstream text(process / file, std::ios::binary);
    told.append(std::istreambuf_iterator<char>(text), {});
  }
  for (const auto& thread : std::filesystem::directory_iterator(process / "task")) {
    std::ifstream text(thread.path() / "comm");
    told.append(std::istreambuf_iterator<char>(text), {});
  }

  // Lines of a key in PEM, but for the first, which says what it is.
  const std::string key = files.client.key_pem();
  const std::string line_of_key = key.substr(key.find('\n') + 1, 40);
  for (const std::string& secret :
       {token, guess, Sha256(token), Sha256(token).substr(0, 16), line_of_key}) {
    EXPECT_FALSE(absl::StrContains(told, secret)) << secret;
  }
  EXPECT_FALSE(absl::StrContains(told, "PRIVATE KEY"));
}

}  // namespace
}  // namespace mlp
