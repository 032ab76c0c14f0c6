// The client's credentials against a server with TLS, over real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "client/client.h"
#include "tests/client/credential_files.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/eventually.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

CertificateWishes AuthorityWishes(const std::string& name) {
  CertificateWishes wishes;
  wishes.common_name = name;
  wishes.alternative_names = "";
  wishes.is_authority = true;
  return wishes;
}

CertificateWishes ClientWishes() {
  CertificateWishes wishes;
  wishes.common_name = "client";
  wishes.alternative_names = "";
  wishes.extended_key_usage = "clientAuth";
  return wishes;
}

// A server with `certificate`; where `clients` is given, it wants one of that authority.
std::shared_ptr<grpc::ServerCredentials> TlsOf(const MadeCertificate& certificate,
                                               const MadeCertificate* clients = nullptr) {
  grpc::SslServerCredentialsOptions options(
      clients == nullptr ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                         : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs.push_back({certificate.key_pem(), certificate.pem()});
  if (clients != nullptr) options.pem_root_certs = clients->pem();
  return grpc::SslServerCredentials(options);
}

class ClientOverTlsTest : public ::testing::Test {
 protected:
  ClientOverTlsTest()
      : authority_(MadeCertificate::SelfSigned(AuthorityWishes("authority"))),
        other_(MadeCertificate::SelfSigned(AuthorityWishes("other authority"))),
        ca_(files_.Write("ca.pem", authority_.pem(), 0644)),
        other_ca_(files_.Write("other.pem", other_.pem(), 0644)) {}

  CommandOutcome Models(const FakeServer& server, std::vector<std::string> options) const {
    options.insert(options.end(), {"--address", server.address(), "models"});
    return RunCommand(options);
  }

  // Runs `models` until its error has `why`. To find out why it does not reach a server, the client
  // waits for it half a second: too short for one that gets no CPU.
  CommandOutcome ModelsExplained(const FakeServer& server, const std::vector<std::string>& options,
                                 const std::string& why) const {
    CommandOutcome outcome;
    Eventually([&] {
      outcome = Models(server, options);
      return absl::StrContains(outcome.err, why);
    });
    return outcome;
  }

  // Writes `made` and its key; the options that name the files.
  std::vector<std::string> IdentityOptions(const MadeCertificate& made) const {
    return {"--tls-ca",   ca_,
            "--tls-cert", files_.Write("own.pem", made.pem(), 0644),
            "--tls-key",  files_.Write("own.key", made.key_pem())};
  }

  static void ServeNoModels(FakeServer& server) {
    server.index = [](const auto& /*request*/, auto& /*response*/) { return grpc::Status::OK; };
  }

  const CredentialFiles files_;
  const MadeCertificate authority_;
  const MadeCertificate other_;
  const std::string ca_;
  const std::string other_ca_;
};

TEST_F(ClientOverTlsTest, ConnectsToAServerWhoseCertificateItsAuthorityIssued) {
  FakeServer server(TlsOf(authority_.Issue({})));
  ServeNoModels(server);
  ClientOptions options;
  options.credentials.tls.emplace().authorities = authority_.pem();
  const auto client = Client::Create(server.address(), options);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE(client->ListModels().ok()) << client->ListModels().status();
  const CommandOutcome outcome = Models(server, {"--tls-ca", ca_});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(server.Authorizations(), Each(""));
}

TEST_F(ClientOverTlsTest, ReadsPathsFromTheEnvironment) {
  FakeServer server(TlsOf(authority_.Issue({})));
  ServeNoModels(server);
  const std::string token = files_.Write("token", "secret-of-ci\n");
  setenv("MLP_CLIENT_TLS_CA", ca_.c_str(), 1);         // NOLINT(concurrency-mt-unsafe)
  setenv("MLP_CLIENT_TOKEN_FILE", token.c_str(), 1);   // NOLINT(concurrency-mt-unsafe)
  setenv("MLP_TLS_CERT", "/the/server's/own.pem", 1);  // NOLINT(concurrency-mt-unsafe)
  const CommandOutcome outcome = Models(server, {});
  unsetenv("MLP_CLIENT_TLS_CA");      // NOLINT(concurrency-mt-unsafe)
  unsetenv("MLP_CLIENT_TOKEN_FILE");  // NOLINT(concurrency-mt-unsafe)
  unsetenv("MLP_TLS_CERT");           // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(server.Authorizations(), ::testing::ElementsAre("Bearer secret-of-ci"));
}

TEST_F(ClientOverTlsTest, ReportsACertificateOfAnotherAuthority) {
  FakeServer server(TlsOf(authority_.Issue({})));
  const CommandOutcome outcome =
      ModelsExplained(server, {"--tls-ca", other_ca_}, "no authority in --tls-ca");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.err, "mlp-client: UNAVAILABLE: " + server.address() +
                             ": no authority in --tls-ca has issued the server's certificate\n");
  EXPECT_THAT(server.Authorizations(), IsEmpty());
}

TEST_F(ClientOverTlsTest, ReportsThatNoSystemAuthorityIssuedTheCertificate) {
  FakeServer server(TlsOf(authority_.Issue({})));
  setenv("SSL_CERT_FILE", other_ca_.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  const CommandOutcome outcome =
      ModelsExplained(server, {"--tls"}, "none of the system's authorities");
  unsetenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.err, "mlp-client: UNAVAILABLE: " + server.address() +
                             ": none of the system's authorities has issued the server's "
                             "certificate; expected --tls-ca\n");
}

// Nobody gave the options that the text is about.
TEST_F(ClientOverTlsTest, NamesTheVariablesThatSetTls) {
  FakeServer plain;
  const std::string none = files_.Path("none");
  const struct {
    std::vector<std::pair<const char*, std::string>> variables;
    std::vector<std::string> options;
    const char* expected;
  } cases[] = {
      {{{"MLP_CLIENT_TLS_CA", ca_}},
       {},
       "the server does not speak TLS; omit --tls and the options --tls-..., or enable TLS on the "
       "server (from the environment: MLP_CLIENT_TLS_CA)\n"},
      {{{"MLP_CLIENT_TLS", "true"}, {"MLP_CLIENT_TLS_CA", ca_}},
       {},
       "or enable TLS on the server (from the environment: MLP_CLIENT_TLS, MLP_CLIENT_TLS_CA)\n"},
      {{{"MLP_CLIENT_TLS_CA", none}}, {"--tls-ca", ca_}, "or enable TLS on the server\n"},
      {{{"MLP_CLIENT_TLS_CA", none}}, {}, " (from the environment: MLP_CLIENT_TLS_CA)\n"},
      {{{"MLP_CLIENT_TLS_KEY", none}},
       {"--tls-ca", ca_},
       "expected both or neither (from the environment: MLP_CLIENT_TLS_KEY)\n"},
      {{{"MLP_CLIENT_TOKEN_FILE", none}, {"MLP_CLIENT_TLS_CA", ca_}},
       {},
       " (from the environment: MLP_CLIENT_TOKEN_FILE)\n"},
  };
  for (const auto& one : cases) {
    for (const auto& [variable, value] : one.variables) {
      setenv(variable, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    }
    const CommandOutcome outcome = ModelsExplained(plain, one.options, one.expected);
    for (const auto& [variable, value] : one.variables) {
      unsetenv(variable);  // NOLINT(concurrency-mt-unsafe)
    }
    EXPECT_EQ(outcome.exit_code, kExitError);
    EXPECT_THAT(outcome.err, ::testing::EndsWith(one.expected));
  }
}

TEST_F(ClientOverTlsTest, ReportsAnExpiredCertificate) {
  CertificateWishes expired;
  expired.valid_from_seconds = -7200;
  expired.valid_for_seconds = 3600;
  FakeServer server(TlsOf(authority_.Issue(expired)));
  const CommandOutcome outcome = ModelsExplained(server, {"--tls-ca", ca_}, "has expired");
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("the server's certificate, or one of its chain, has expired"));
}

TEST_F(ClientOverTlsTest, RequiresTheServersNameInTheCertificate) {
  CertificateWishes named;
  named.alternative_names = "DNS:inference.example";
  FakeServer server(TlsOf(authority_.Issue(named)));
  ServeNoModels(server);
  const CommandOutcome refused =
      ModelsExplained(server, {"--tls-ca", ca_}, "certificate is not for");
  EXPECT_EQ(refused.exit_code, kExitError);
  EXPECT_THAT(refused.err, HasSubstr("the server's certificate is not for '127.0.0.1'; "
                                     "use --tls-server-name to expect another name"));
  const CommandOutcome taken =
      Models(server, {"--tls-ca", ca_, "--tls-server-name", "inference.example"});
  EXPECT_EQ(taken.exit_code, kExitDone) << taken.err;
}

TEST_F(ClientOverTlsTest, ReportsWhichSideDoesNotUseTls) {
  FakeServer plain;
  ServeNoModels(plain);
  const CommandOutcome to_plain = ModelsExplained(plain, {"--tls-ca", ca_}, "does not speak TLS");
  EXPECT_EQ(to_plain.exit_code, kExitError);
  EXPECT_THAT(to_plain.err, HasSubstr("the server does not speak TLS"));

  FakeServer encrypted(TlsOf(authority_.Issue({})));
  const CommandOutcome to_encrypted = ModelsExplained(encrypted, {}, "the server speaks TLS");
  EXPECT_EQ(to_encrypted.exit_code, kExitError);
  EXPECT_THAT(to_encrypted.err, HasSubstr("the server speaks TLS; expected --tls-ca"));
}

TEST_F(ClientOverTlsTest, ShowsItsOwnCertificate) {
  FakeServer server(TlsOf(authority_.Issue({}), &authority_));
  ServeNoModels(server);
  const CommandOutcome known = Models(server, IdentityOptions(authority_.Issue(ClientWishes())));
  EXPECT_EQ(known.exit_code, kExitDone) << known.err;

  const CommandOutcome without =
      ModelsExplained(server, {"--tls-ca", ca_}, "requires a client certificate");
  EXPECT_EQ(without.exit_code, kExitError);
  EXPECT_THAT(without.err,
              HasSubstr("the server requires a client certificate: use --tls-cert and --tls-key"));

  const CommandOutcome foreign = ModelsExplained(
      server, IdentityOptions(other_.Issue(ClientWishes())), "rejects the certificate");
  EXPECT_EQ(foreign.exit_code, kExitError);
  EXPECT_THAT(foreign.err, HasSubstr("the server rejects the certificate in --tls-cert"));
}

TEST_F(ClientOverTlsTest, NamesTheOptionOfAnInvalidFile) {
  const MadeCertificate own = authority_.Issue(ClientWishes());
  const std::string certificate = files_.Write("own.pem", own.pem());
  const std::string key = files_.Write("own.key", own.key_pem());
  const std::string readable = files_.Write("readable.key", own.key_pem(), 0644);
  const std::string encrypted = files_.Write("encrypted.key", own.EncryptedKeyPem());
  const std::string broken =
      files_.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n");
  const std::string token = files_.Write("token", "secret", 0644);
  const FakeServer server;
  const struct {
    std::vector<std::string> options;
    const char* expected;
  } cases[] = {
      {{"--tls-ca", files_.Path("none")}, "NOT_FOUND: TLS: '"},
      {{"--tls-ca", key}, "INVALID_ARGUMENT: "},
      {{"--tls-ca", broken}, "INVALID_ARGUMENT: --tls-ca: certificate 1 cannot be read"},
      {{"--tls-cert", certificate}, "only one of --tls-cert and --tls-key is set"},
      {{"--tls-key", key}, "only one of --tls-cert and --tls-key is set"},
      {{"--tls-ca", ca_, "--tls-cert", certificate, "--tls-key", readable}, "chmod o-r"},
      {{"--tls-ca", ca_, "--tls-cert", certificate, "--tls-key", encrypted},
       "--tls-key: the key is encrypted"},
      {{"--tls-ca", ca_, "--tls-cert", ca_, "--tls-key", key},
       "--tls-key: the key does not belong to the certificate"},
      {{"--tls-ca", ca_, "--tls-cert", broken, "--tls-key", key},
       "--tls-cert: the certificate cannot be read"},
      {{"--token-file", token}, "PERMISSION_DENIED: --token-file: '"},
  };
  for (const auto& one : cases) {
    const CommandOutcome outcome = Models(server, one.options);
    EXPECT_EQ(outcome.exit_code, kExitError) << one.expected;
    EXPECT_THAT(outcome.err, AllOf(StartsWith("mlp-client: "), HasSubstr(one.expected)));
    EXPECT_THAT(outcome.err, Not(HasSubstr("secret\n")));
  }
}

TEST_F(ClientOverTlsTest, SendsNoTokenInPlaintextBeyondThisMachine) {
  const std::string token = files_.Write("token", "secret");
  const CommandOutcome outcome =
      RunCommand({"--token-file", token, "--address", "inference.example:8001", "models"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, HasSubstr("INVALID_ARGUMENT: the token would be sent to "
                                     "'inference.example:8001' in plaintext"));

  FakeServer server;
  ServeNoModels(server);
  EXPECT_EQ(Models(server, {"--token-file", token}).exit_code, kExitDone);
  EXPECT_THAT(server.Authorizations(), ::testing::ElementsAre("Bearer secret"));
}

TEST_F(ClientOverTlsTest, LeavesNoCoreFileOnceItHasASecret) {
  FakeServer server;
  ServeNoModels(server);
  prctl(PR_SET_DUMPABLE, 1);  // another test of this process may have had a secret
  Models(server, {});
  EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1) << "without a secret, core files are as ever";
  Models(server, {"--token-file", files_.Write("token", "secret")});
  EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
  prctl(PR_SET_DUMPABLE, 1);
}

TEST_F(ClientOverTlsTest, SendsItsTokenWithEachCallOfEachCommand) {
  FakeServer server(TlsOf(authority_.Issue({})));
  server.ServeDoubler();
  ServeNoModels(server);
  server.health = [](const auto& /*request*/, auto& response) {
    response.set_status(grpc::health::v1::HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  };
  server.load = [](const auto& /*request*/, auto& /*response*/) { return grpc::Status::OK; };
  server.status = [](const auto& /*request*/, auto& response) {
    response.set_json("{}");
    return grpc::Status::OK;
  };
  const std::string rows = files_.Write("rows.json", "[[1, 2, 3]]");
  const std::string token = files_.Write("token", "secret");
  const std::vector<std::vector<std::string>> commands = {
      {"models"},
      {"health"},
      {"describe", "doubler"},
      {"load", "doubler"},
      {"infer", "doubler", "--input", rows},
      {"bench", "doubler", "--requests", "20", "--warmup", "0", "--connections", "2"},
      {"bench", "doubler", "--requests", "20", "--warmup", "0", "--stream"},
      {"baseline", "doubler"},                                 // UNIMPLEMENTED here, but asked
      {"accept-windows", "doubler"},                           // likewise
      {"calibrate", "doubler", "--input", rows, "--install"},  // likewise
      {"watch", "--once"},
  };
  for (const std::vector<std::string>& command : commands) {
    const std::size_t before = server.Authorizations().size();
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(),
                     {"--address", server.address(), "--tls-ca", ca_, "--token-file", token});
    const CommandOutcome outcome = RunCommand(arguments);
    EXPECT_THAT(outcome.err, Not(HasSubstr("UNAVAILABLE"))) << command[0];
    EXPECT_GT(server.Authorizations().size(), before) << command[0] << ": " << outcome.err;
  }
  EXPECT_THAT(server.Authorizations(), Each("Bearer secret"));
}

}  // namespace
}  // namespace mlp
