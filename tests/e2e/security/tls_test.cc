// gRPC's port with TLS: what it accepts, and how it withstands attacks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/security/raw_tls_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr char kDigits[] = "digits-tanh";

class TlsTest : public ::testing::Test {
 protected:
  void StartServer(const std::vector<std::string>& options) {
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  double FailuresFor(const std::string& reason) const {
    return ReadMetrics(server_->http_port())[absl::StrCat(
        "mlp_tls_handshakes_failed_total{reason=\"", reason, "\"}")];
  }

  // Whether, before long, a handshake beyond `before` is counted for `reason`.
  bool IsCounted(const std::string& reason, double before) const {
    return Eventually([&] { return FailuresFor(reason) > before; });
  }

  grpc::Status Ask(const MadeCertificate* client) const {
    return AskWith(OpenSecureChannel(server_->grpc_address(), files_.root, client), kDigits);
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(TlsTest, AnswersOverTls13AndTls12WithAeadSuites) {
  StartServer(files_.ServerOptions());
  const grpc::Status answer = Ask(nullptr);
  EXPECT_TRUE(answer.ok()) << answer.error_message();
  const TlsOutcome newest = ShakeHands(server_->grpc_port(), {});
  EXPECT_EQ(newest.version, "TLSv1.3");
  EXPECT_EQ(newest.alpn, "h2");
  const TlsOutcome older = ShakeHands(server_->grpc_port(), {.most_version = TLS1_2_VERSION});
  EXPECT_EQ(older.version, "TLSv1.2");
  EXPECT_THAT(older.suite, AnyOf(HasSubstr("GCM"), HasSubstr("POLY1305")));
}

TEST_F(TlsTest, ReportsWhenItsCertificatesExpireAndWhetherItsPortIsOpenToAll) {
  StartServer(files_.MutualOptions());
  Samples metrics = ReadMetrics(server_->http_port());
  for (const char* file : {"certificate", "client_authorities"}) {
    const double end = metrics[absl::StrCat(
        "mlp_tls_certificate_not_after_timestamp_seconds{file=\"", file, "\"}")];
    EXPECT_NEAR(end, static_cast<double>(time(nullptr)) + 86'400 - 3'600, 600) << file;
  }
  EXPECT_EQ(metrics["mlp_open_to_all"], 0);
  StartServer(files_.ServerOptions());
  EXPECT_EQ(ReadMetrics(server_->http_port())["mlp_open_to_all"], 1);
  EXPECT_THAT(server_->log(), HasSubstr("the gRPC port is open to all"));
}

TEST_F(TlsTest, RefusesOldVersionsAndWeakSuites) {
  StartServer(files_.ServerOptions());
  const struct {
    const char* name;
    TlsOffer offer;
    const char* reason;
  } cases[] = {
      {"TLS 1.0", {TLS1_VERSION, TLS1_VERSION}, "version"},
      {"TLS 1.1", {TLS1_1_VERSION, TLS1_1_VERSION}, "version"},
      {"CBC", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"}, "cipher"},
      {"CBC with SHA-1", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA"}, "cipher"},
      {"no forward secrecy", {TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256"}, "cipher"},
      {"no encryption", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA"}, "cipher"},
      {"no authentication", {TLS1_2_VERSION, TLS1_2_VERSION, "AECDH-AES128-SHA"}, "cipher"},
  };
  for (const auto& [name, offer, reason] : cases) {
    const double before = FailuresFor(reason);
    const TlsOutcome outcome = ShakeHands(server_->grpc_port(), offer);
    EXPECT_FALSE(outcome.done) << name << ": " << outcome.version << " " << outcome.suite;
    EXPECT_EQ(outcome.version, "") << name;
    EXPECT_TRUE(IsCounted(reason, before)) << name;
  }
  EXPECT_TRUE(Ask(nullptr).ok());
}

TEST_F(TlsTest, ClosesConnectionsWithoutTls) {
  StartServer(files_.ServerOptions());
  const std::string texts[] = {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                               std::string(1000, '\0')};
  for (const std::string& text : texts) {
    const double before = FailuresFor("plaintext");
    const int socket = ConnectToLoopback(server_->grpc_port());
    ASSERT_EQ(send(socket, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    EXPECT_TRUE(IsClosedByPeer(socket, 60'000)) << text;
    EXPECT_TRUE(IsCounted("plaintext", before)) << text;
    close(socket);
  }
  EXPECT_EQ(AskWith(OpenChannel(server_->grpc_address()), kDigits).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Ask(nullptr).ok());
}

TEST_F(TlsTest, ClosesConnectionsThatDoNotShakeHandsInTime) {
  std::vector<std::string> options = files_.ServerOptions();
  options.insert(options.end(), {"--handshake-ms", "500"});
  StartServer(options);
  const int silent = ConnectToLoopback(server_->grpc_port());
  const int slow = ConnectToLoopback(server_->grpc_port());
  // The beginning of a handshake record.
  ASSERT_EQ(send(slow, "\x16\x03\x01\x02", 4, MSG_NOSIGNAL), 4);
  EXPECT_TRUE(IsClosedByPeer(silent, 60'000));
  EXPECT_TRUE(IsClosedByPeer(slow, 60'000));
  close(silent);
  close(slow);
  // On a machine that stands still, an honest handshake can exceed this limit too.
  EXPECT_TRUE(Eventually([&] { return Ask(nullptr).ok(); }));
}

TEST_F(TlsTest, AcceptsOnlyClientsOfItsAuthority) {
  StartServer(files_.MutualOptions());
  const MadeCertificate other_root =
      MadeCertificate::SelfSigned({.common_name = "client root", .is_authority = true});
  const CertificateWishes client = {.common_name = "front", .extended_key_usage = "clientAuth"};
  CertificateWishes expired = client;
  expired.valid_from_seconds = -7200;
  expired.valid_for_seconds = 3600;
  CertificateWishes of_servers = client;
  of_servers.extended_key_usage = "serverAuth";
  const MadeCertificate of_another = other_root.Issue(client);
  const MadeCertificate old = files_.client_root.Issue(expired);
  const MadeCertificate self_signed = MadeCertificate::SelfSigned(client);
  const MadeCertificate for_servers = files_.client_root.Issue(of_servers);
  const struct {
    const char* name;
    const MadeCertificate* certificate;
    const char* reason;
  } cases[] = {
      {"none", nullptr, "no_certificate"},
      {"of another authority", &of_another, "untrusted"},
      {"expired", &old, "untrusted"},
      {"signed by itself", &self_signed, "untrusted"},
      {"for servers", &for_servers, "untrusted"},
      {"revoked", &files_.revoked_client, "revoked"},
  };
  for (const auto& [name, certificate, reason] : cases) {
    const double before = FailuresFor(reason);
    EXPECT_EQ(Ask(certificate).error_code(), grpc::StatusCode::UNAVAILABLE) << name;
    EXPECT_TRUE(IsCounted(reason, before)) << name;
  }
  const grpc::Status right = Ask(&files_.client);
  EXPECT_TRUE(right.ok()) << right.error_message();
}

TEST_F(TlsTest, AsksClientsForACertificateWithoutDemandingOne) {
  std::vector<std::string> options = files_.MutualOptions();
  options.insert(options.end(), {"--tls-client-auth", "optional"});
  StartServer(options);
  EXPECT_TRUE(Ask(nullptr).ok());
  EXPECT_TRUE(Ask(&files_.client).ok());
  EXPECT_FALSE(Ask(&files_.revoked_client).ok());
  const MadeCertificate self_signed = MadeCertificate::SelfSigned({.common_name = "front"});
  EXPECT_FALSE(Ask(&self_signed).ok());
}

TEST_F(TlsTest, WarnsIfAVariableOfTheClientIsMistakenForItsOwn) {
  std::vector<std::string> options = files_.ServerOptions();
  options.insert(options.end(), {"--model-repository", SampleModels().string()});
  const auto log_with = [&](const Environment& environment) {
    auto server = ServerProcess::Start(options, environment);
    EXPECT_TRUE(server.ok()) << server.status();
    return (*server)->log();
  };
  EXPECT_THAT(log_with({{"MLP_CLIENT_TLS_CA", files_.Path("clients.pem")}}),
              HasSubstr("only mlp-client reads MLP_CLIENT_TLS_CA"));
  const std::string log = log_with({{"MLP_CLIENT_TLS_CA", files_.Path("clients.pem")},
                                    {"MLP_TLS_CLIENT_CA", files_.Path("clients.pem")}});
  EXPECT_EQ(log.find("only mlp-client"), std::string::npos) << log;
  EXPECT_THAT(log, HasSubstr("every client with a certificate of --tls-client-ca"));
}

TEST_F(TlsTest, StartsOnlyWithValidFiles) {
  const auto error_with = [this](const std::string& name, const std::string& text) {
    TlsFilesOnDisk files;
    files.Write(name, text);
    std::vector<std::string> arguments = {
        "--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
        "--http-address",     "127.0.0.1:0",           "--log-level",    "error"};
    for (std::string& option : files.MutualOptions()) arguments.push_back(std::move(option));
    const ServerRun run = RunServer(arguments);
    EXPECT_EQ(run.exit_code, 1) << name;
    EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
    return run.out;
  };
  const MadeCertificate other = files_.root.Issue({});
  EXPECT_THAT(error_with("server.key", other.key_pem()), HasSubstr("it does not belong to"));
  EXPECT_THAT(error_with("server.key", other.EncryptedKeyPem()), HasSubstr("encrypted"));
  EXPECT_THAT(error_with("server.pem", ""), HasSubstr("it contains no certificate"));
  EXPECT_THAT(error_with("clients.pem", "nothing"), HasSubstr("--tls-client-ca"));
  EXPECT_THAT(error_with("crl.pem", files_.root.RevocationList({})), HasSubstr("--tls-crl"));
}

}  // namespace
}  // namespace mlp
