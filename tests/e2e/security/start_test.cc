// What the server says at the start about options and environment variables that would weaken it or
// have no effect.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/security/raw_tls_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecureStartTest : public ::testing::Test {
 protected:
  std::vector<std::string> Options(std::vector<std::string> more) const {
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), more.begin(), more.end());
    options.insert(options.end(), {"--model-repository", SampleModels().string()});
    return options;
  }

  TlsFilesOnDisk files_;
};

TEST_F(SecureStartTest, IgnoresVariablesThatWouldChangeTheCipherSuites) {
  auto server = ServerProcess::Start(
      Options({}),
      {{"GRPC_SSL_CIPHER_SUITES", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"}});
  ASSERT_TRUE(server.ok()) << server.status();
  const int port = (*server)->grpc_port();
  EXPECT_FALSE(
      ShakeHands(port, {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"}).done);
  EXPECT_TRUE(
      ShakeHands(port, {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"}).done);
}

// Otherwise, OpenSSL and GnuTLS would write the keys of connections to this file.
TEST_F(SecureStartTest, IgnoresVariablesThatWouldLogTheKeysOfConnections) {
  const std::string keys = files_.Path("keys");
  auto server = ServerProcess::Start(Options({"--http-tls"}),
                                     {{"SSLKEYLOGFILE", keys}, {"GNUTLS_DEBUG_LEVEL", "10"}});
  ASSERT_TRUE(server.ok()) << server.status();
  for (const int port : {(*server)->grpc_port(), (*server)->http_port()}) {
    EXPECT_TRUE(ShakeHands(port, {TLS1_3_VERSION, TLS1_3_VERSION, ""}).done);
  }
  EXPECT_FALSE(std::filesystem::exists(keys));
  EXPECT_THAT((*server)->log(), Not(HasSubstr("WRITE KEY")));
}

TEST_F(SecureStartTest, AlsoValidatesSecurityFiles) {
  files_.Write("tokens", TokenLine("asker", "infer", "*", "infer-token"));
  files_.Write("wrong tokens", "name=asker role=king\n");
  const auto validate = [this](const std::vector<std::string>& more) {
    std::vector<std::string> options = Options(more);
    options.insert(options.end(), {"--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0",
                                   "--validate"});
    return RunServer(options);
  };
  const ServerRun right = validate({"--tokens-file", files_.Path("tokens")});
  EXPECT_EQ(right.exit_code, 0) << right.out;
  const ServerRun wrong = validate({"--tokens-file", files_.Path("wrong tokens")});
  EXPECT_EQ(wrong.exit_code, 1) << wrong.out;
  EXPECT_THAT(wrong.out, HasSubstr("--tokens-file: "));
  files_.Write("server.pem", "no certificate");
  const ServerRun no_certificate = validate({});
  EXPECT_EQ(no_certificate.exit_code, 1) << no_certificate.out;
  EXPECT_THAT(no_certificate.out, HasSubstr("--tls-cert and --tls-key: "));
}

TEST_F(SecureStartTest, WarnsOfRulesThatMatchNoCaller) {
  const std::string rule = "name=front role=infer models=* uri=spiffe://test/*\n";
  files_.Write("tokens", TokenLine("asker", "infer", "*", "infer-token"));
  auto server = ServerProcess::Start(Options({"--tokens-file", files_.Path("tokens")}));
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string warning = "which match no caller: without --tls-client-ca";
  EXPECT_THAT((*server)->log(), Not(HasSubstr(warning)));
  files_.Write("tokens", TokenLine("asker", "infer", "*", "infer-token") + rule);
  EXPECT_TRUE(Logs(**server, warning));
  server = ServerProcess::Start(Options({"--tokens-file", files_.Path("tokens")}));
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(Logs(**server, warning));
}

}  // namespace
}  // namespace mlp
