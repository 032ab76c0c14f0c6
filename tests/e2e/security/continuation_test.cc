// HPACK strings in CONTINUATION frames (CVE-2023-33953): the time that gRPC 1.51 needs for them
// grows with the square of their length. With mutual TLS, bytes from unknown clients are not parsed
// at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "tests/e2e/security/attacked_server.h"
#include "tests/e2e/security/tls_connection.h"
#include "tests/http2_frame.h"

namespace mlp {
namespace {

constexpr std::uint8_t kContinuationFrame = 9;

// The headers of a call, of which the first has 16 MiB and does not end: `frames` frames with 16
// KiB of its value each.
std::string LongHeader(int frames) {
  constexpr std::size_t kFrameBytes = 16'384;
  // A literal with a new name, "x", and the length of its value, 127 + 128^3 * 7 (RFC 7541,
  // sections 5.1 and 6.2.2).
  const std::string head("\0\1x\x7f\x80\x80\x80\x07", 8);
  std::string bytes = Http2Greeting() + Frame(kSettingsFrame, kAcknowledges, 0, "") +
                      Frame(kHeadersFrame, 0, 1, head);
  const std::string part = Frame(kContinuationFrame, 0, 1, std::string(kFrameBytes, 'v'));
  for (int i = 0; i < frames; ++i) bytes += part;
  return bytes;
}

class ContinuationTest : public AttackedServerTest {
 protected:
  // Whether the server sends any byte of HTTP/2 in answer to a greeting that arrives in one piece
  // with the end of the client's handshake. gRPC sends its settings before it reads HTTP/2.
  bool IsAnswered(const TlsVersion& version, const MadeCertificate* certificate) const {
    const TlsClient client(version, certificate);
    TlsConnection connection(client, port());
    return connection.ShakeHands(Http2Greeting()) && !connection.Receive().empty();
  }

  // Sends the attack at the same point, and returns the CPU time that it costs the server until
  // that is idle again.
  double AttackSeconds(const TlsVersion& version, const MadeCertificate* certificate) const {
    const double before = CpuTime();
    double after = before;
    const TlsClient client(version, certificate);
    TlsConnection connection(client, port());
    connection.ShakeHands(attack_);
    // A server that has no CPU for a while is not idle.
    for (double last = -1; after > last || HasRunnableThread(server_->pid());) {
      last = after;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      after = CpuTime();
    }
    return after - before;
  }

  const std::string attack_ = LongHeader(/*frames=*/300);
};

TEST_F(ContinuationTest, IsNotParsedForAnUntrustedClient) {
  StartServer(files_.MutualOptions());
  const MadeCertificate self_signed = MadeCertificate::SelfSigned({.common_name = "front"});
  const struct {
    const char* name;
    const MadeCertificate* certificate;
    const char* reason;
  } strangers[] = {{"no certificate", nullptr, "no_certificate"},
                   {"one signed by itself", &self_signed, "untrusted"},
                   {"a revoked one", &files_.revoked_client, "revoked"}};
  for (const TlsVersion& version : kTlsVersions) {
    EXPECT_TRUE(IsAnswered(version, &files_.client)) << version.name;
    // The server parses the bytes of a known client, so this is the cost of the attack.
    const double known = AttackSeconds(version, &files_.client);
    for (const auto& [name, certificate, reason] : strangers) {
      const double failures = FailuresFor(reason);
      EXPECT_FALSE(IsAnswered(version, certificate)) << version.name << ", " << name;
      const double stranger = AttackSeconds(version, certificate);
      EXPECT_LT(stranger, known / 4) << version.name << ", " << name;
      EXPECT_TRUE(Eventually([&, reason = reason] { return FailuresFor(reason) == failures + 2; }))
          << version.name << ", " << name;
      std::cout << version.name << ", " << attack_.size() << " bytes, " << name << ": " << stranger
                << " s of CPU; of a client that is known " << known << " s\n";
    }
    EXPECT_TRUE(AskWith(Open(), "digits-tanh").ok());
  }
}

}  // namespace
}  // namespace mlp
