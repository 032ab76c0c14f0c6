#include "server/tls/handshake_failure.h"

#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace mlp {
namespace {

// The line that gRPC 1.51 writes.
std::string GrpcsLineOf(const std::string& error) {
  return "Handshake failed with fatal error SSL_ERROR_SSL: error:" + error + ".";
}

TEST(HandshakeFailureTest, IsReadFromGrpcsLog) {
  const struct {
    const char* error;
    HandshakeFailure failure;
  } cases[] = {
      {"0A00010B:SSL routines::wrong version number", HandshakeFailure::kPlaintext},
      {"0A00009C:SSL routines::http request", HandshakeFailure::kPlaintext},
      {"0A000102:SSL routines::unsupported protocol", HandshakeFailure::kVersion},
      {"0A0000C1:SSL routines::no shared cipher", HandshakeFailure::kCipher},
      {"0A0000C7:SSL routines::peer did not return a certificate",
       HandshakeFailure::kNoCertificate},
      {"0A000086:SSL routines::certificate verify failed", HandshakeFailure::kUntrusted},
      // A certificate from another authority of the same name.
      {"06880006:asn1 encoding routines::EVP lib", HandshakeFailure::kUntrusted},
      {"0200008A:rsa routines::invalid padding", HandshakeFailure::kUntrusted},
      {"0A000418:SSL routines::tlsv1 alert unknown ca", HandshakeFailure::kClientRefused},
      {"0A000126:SSL routines::unexpected eof while reading", HandshakeFailure::kOther},
      // A number that means something else in another library.
      {"078000C1:configuration file routines::of another library", HandshakeFailure::kOther},
      {"nonsense", HandshakeFailure::kOther},
  };
  for (const auto& [error, failure] : cases) {
    EXPECT_EQ(FailureInLogLine(GrpcsLineOf(error)), failure) << error;
  }
  EXPECT_EQ(FailureInLogLine("a line about something else"), std::nullopt);
  EXPECT_EQ(FailureInLogLine(""), std::nullopt);
}

TEST(HandshakeFailureTest, IsCountedUntilTheCounterGoes) {
  HandshakeFailures failures;
  failures.CountFromLog();
  const std::string line = GrpcsLineOf("0A0000C1:SSL routines::no shared cipher");
  gpr_log(GPR_ERROR, "%s", line.c_str());
  gpr_log(GPR_ERROR, "something else");
  EXPECT_EQ(failures.Of(HandshakeFailure::kCipher), 1);
  {
    HandshakeFailures others;
    others.CountFromLog();
  }
  gpr_log(GPR_ERROR, "%s", line.c_str());
  EXPECT_EQ(failures.Of(HandshakeFailure::kCipher), 1);
}

TEST(HandshakeFailureTest, HasANameForEachReason) {
  for (std::size_t i = 0; i < kHandshakeFailures; ++i) {
    EXPECT_FALSE(NameOf(static_cast<HandshakeFailure>(i)).empty()) << i;
  }
}

}  // namespace
}  // namespace mlp
