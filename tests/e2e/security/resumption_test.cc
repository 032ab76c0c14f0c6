// TLS sessions: nobody can use one to bypass the checks of a new connection.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_connection.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

class ResumptionTest : public ::testing::Test {
 protected:
  void StartServer(const std::vector<std::string>& options) {
    auto server = ServerProcess::StartOnSampleModels(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // Makes a connection by `client`, checks that it is served, and returns its session.
  TlsSession ComeIn(const TlsClient& client) const {
    TlsConnection connection(client, server_->grpc_port());
    EXPECT_TRUE(connection.ShakeHands());
    EXPECT_TRUE(connection.IsServed());
    return connection.session();
  }

  bool ComesBack(const TlsClient& client, const TlsSession& session) const {
    TlsConnection connection(client, server_->grpc_port(), session.get());
    return connection.ShakeHands() && connection.IsServed();
  }

  bool ComesInAnew(const MadeCertificate& certificate) const {
    return AskWith(OpenSecureChannel(server_->grpc_address(), files_.root, &certificate),
                   "digits-tanh")
        .ok();
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(ResumptionTest, NoSessionIsIssuedOrAccepted) {
  StartServer(files_.ServerOptions());
  for (const TlsVersion& version : kTlsVersions) {
    for (const bool takes_tickets : {true, false}) {
      const TlsClient client(version);
      if (!takes_tickets) SSL_CTX_set_options(client.get(), SSL_OP_NO_TICKET);
      const TlsSession session = ComeIn(client);
      EXPECT_EQ(SSL_SESSION_is_resumable(session.get()), 0) << version.name << takes_tickets;
      TlsConnection again(client, server_->grpc_port(), session.get());
      EXPECT_TRUE(again.ShakeHands()) << version.name << takes_tickets;
      EXPECT_FALSE(again.resumed()) << version.name << takes_tickets;
      EXPECT_TRUE(again.IsServed()) << version.name << takes_tickets;
    }
  }
}

// E.g. a session from before the server's restart, or from before its newest certificate.
TEST_F(ResumptionTest, AnUnknownSessionDoesNotPreventAConnection) {
  StartServer(files_.ServerOptions());
  for (const TlsVersion& version : kTlsVersions) {
    const TlsClient client(version);
    const TlsSession session = SessionOfAnotherServer(client, files_.root.Issue({}));
    ASSERT_EQ(SSL_SESSION_is_resumable(session.get()), 1) << version.name;
    TlsConnection connection(client, server_->grpc_port(), session.get());
    EXPECT_TRUE(connection.ShakeHands()) << version.name;
    EXPECT_FALSE(connection.resumed()) << version.name;
    EXPECT_TRUE(connection.IsServed()) << version.name;
  }
}

TEST_F(ResumptionTest, AnExpiredClientCannotReconnect) {
  StartServer(files_.MutualOptions());
  // On a machine that stalls, the first certificates may expire before their clients come in.
  for (std::int64_t seconds = 5; seconds <= 80; seconds *= 2) {
    const std::time_t end = std::time(nullptr) + seconds;
    const MadeCertificate certificate =
        files_.client_root.Issue({.common_name = "short",
                                  .extended_key_usage = "clientAuth",
                                  .valid_from_seconds = -3600,
                                  .valid_for_seconds = 3600 + seconds});
    const TlsClient clients[] = {TlsClient(kTlsVersions[0], &certificate),
                                 TlsClient(kTlsVersions[1], &certificate)};
    TlsSession sessions[2];
    bool are_in = true;
    for (std::size_t i = 0; i < 2; ++i) {
      TlsConnection connection(clients[i], server_->grpc_port());
      are_in = are_in && connection.ShakeHands() && connection.IsServed();
      sessions[i] = connection.session();
    }
    if (!are_in && std::time(nullptr) >= end) continue;
    ASSERT_TRUE(are_in);
    ASSERT_TRUE(Eventually([&] { return !ComesInAnew(certificate); }));
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_FALSE(ComesBack(clients[i], sessions[i])) << kTlsVersions[i].name;
      EXPECT_FALSE(ComesBack(TlsClient(kTlsVersions[i]), sessions[i])) << kTlsVersions[i].name;
    }
    return;
  }
  FAIL() << "no client came in before its certificate expired";
}

TEST_F(ResumptionTest, ARevokedClientCannotReconnect) {
  StartServer(files_.MutualOptions());
  const TlsClient clients[] = {TlsClient(kTlsVersions[0], &files_.client),
                               TlsClient(kTlsVersions[1], &files_.client)};
  const TlsSession sessions[] = {ComeIn(clients[0]), ComeIn(clients[1])};
  files_.Write("crl.pem", files_.client_root.RevocationList({&files_.client}));
  ASSERT_TRUE(Eventually([&] { return !ComesInAnew(files_.client); }));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(ComesBack(clients[i], sessions[i])) << kTlsVersions[i].name;
  }
}

TEST_F(ResumptionTest, AClientOfARemovedAuthorityDoesNotComeBack) {
  StartServer(files_.MutualOptions());
  const TlsClient clients[] = {TlsClient(kTlsVersions[0], &files_.client),
                               TlsClient(kTlsVersions[1], &files_.client)};
  const TlsSession sessions[] = {ComeIn(clients[0]), ComeIn(clients[1])};
  const MadeCertificate other =
      MadeCertificate::SelfSigned({.common_name = "another", .is_authority = true});
  files_.Write("crl.pem", other.RevocationList({}));
  files_.Write("clients.pem", other.pem());
  ASSERT_TRUE(Eventually([&] { return !ComesInAnew(files_.client); }));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(ComesBack(clients[i], sessions[i])) << kTlsVersions[i].name;
  }
  EXPECT_TRUE(ComesInAnew(other.Issue({.extended_key_usage = "clientAuth"})));
}

TEST_F(ResumptionTest, AClientReconnectsAfterANewServerCertificate) {
  StartServer(files_.MutualOptions());
  const TlsClient clients[] = {TlsClient(kTlsVersions[0], &files_.client),
                               TlsClient(kTlsVersions[1], &files_.client)};
  const TlsSession sessions[] = {ComeIn(clients[0]), ComeIn(clients[1])};
  const MadeCertificate new_root =
      MadeCertificate::SelfSigned({.common_name = "new root", .is_authority = true});
  const MadeCertificate shown = new_root.Issue({});
  files_.Write("server.key", shown.key_pem());
  files_.Write("server.pem", shown.pem());
  ASSERT_TRUE(Eventually([&] { return !ComesInAnew(files_.client); }));  // it trusts the old root
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(ComesBack(clients[i], sessions[i])) << kTlsVersions[i].name;
  }
}

}  // namespace
}  // namespace mlp
