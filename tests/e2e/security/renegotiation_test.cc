// Handshakes within a connection: floods of renegotiations in TLS 1.2 and of new keys in TLS 1.3.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <iostream>
#include <string>

#include "tests/e2e/security/attacked_server.h"
#include "tests/e2e/security/bystanders.h"
#include "tests/e2e/security/tls_connection.h"

namespace mlp {
namespace {

using ::testing::IsEmpty;

class RenegotiationTest : public AttackedServerTest {};

// Otherwise, a client could make the server compute handshakes over and over for a few bytes each
// (CVE-2011-1473).
TEST_F(RenegotiationTest, IsRefused) {
  StartServer(files_.ServerOptions());
  Bystanders others([this] { return Open(); });
  constexpr int kRenegotiations = 20;
  const TlsClient client(kTlsVersions[0]);
  int renegotiated = 0;
  for (int i = 0; i < kRenegotiations; ++i) {
    TlsConnection connection(client, port());
    ASSERT_TRUE(connection.ShakeHands());
    ASSERT_TRUE(connection.IsServed());
    ASSERT_EQ(SSL_renegotiate(connection.ssl()), 1);
    renegotiated += connection.ShakeHands() ? 1 : 0;
  }
  others.Stop();
  EXPECT_EQ(renegotiated, 0);
  EXPECT_THAT(others.Failures(), IsEmpty());
  ExpectNothingKept(/*mebibytes=*/20);
  std::cout << kRenegotiations << " renegotiations wanted, " << renegotiated << " done\n";
}

// Each new key requires an answer, which the client does not read.
TEST_F(RenegotiationTest, AFloodOfNewKeysTakesNoMemory) {
  StartServer(files_.ServerOptions());
  Bystanders others([this] { return Open(); });
  constexpr int kUpdates = 100'000;
  const TlsClient client(kTlsVersions[1]);
  const double cpu_before = CpuTime();
  int sent = 0;
  int connections = 0;
  while (sent < kUpdates && connections < 100) {
    TlsConnection connection(client, port());
    ASSERT_TRUE(connection.ShakeHands());
    ASSERT_TRUE(connection.IsServed());
    ++connections;
    for (bool taken = true; taken && sent < kUpdates;) {
      for (int i = 0; i < 100; ++i, ++sent) {
        SSL_key_update(connection.ssl(), SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(connection.ssl());
      }
      taken = connection.Flush();
    }
    ERR_clear_error();
  }
  const double cpu_seconds = CpuTime() - cpu_before;
  others.Stop();
  EXPECT_THAT(others.Failures(), IsEmpty());
  ExpectNothingKept(/*mebibytes=*/20);
  std::cout << sent << " key updates on " << connections << " connections; server's CPU "
            << cpu_seconds << " s; p99 of others " << others.LatencyMs(0.99)
            << " ms; memory grew by " << GrownMebibytes() << " MiB\n";
}

}  // namespace
}  // namespace mlp
