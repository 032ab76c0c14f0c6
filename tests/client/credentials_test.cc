#include "client/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <thread>

#include "tests/client/credential_files.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPemCertificate[] = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
constexpr char kPemKey[] = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n";

TEST(ClientTokenTest, IsTheFirstLineOfItsFile) {
  const CredentialFiles files;
  for (const char* content :
       {"abc.DEF-~", "abc.DEF-~\n", "abc.DEF-~\r\n", "abc.DEF-~\n# of ci\n"}) {
    EXPECT_EQ(*ReadClientToken(files.Write("token", content)), "abc.DEF-~") << content;
  }
}

TEST(ClientTokenTest, CanBeReadFromAPipe) {
  const CredentialFiles files;
  const std::string pipe = files.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), S_IRUSR | S_IWUSR), 0);
  std::thread writer([&] { std::ofstream(pipe) << "abc\n"; });
  EXPECT_EQ(*ReadClientToken(pipe), "abc");
  writer.join();
}

TEST(ClientTokenTest, RefusesAnInvalidTokenWithoutRepeatingIt) {
  using namespace std::string_literals;
  const CredentialFiles files;
  for (const std::string& content :
       {""s, "\n"s, "\nsecret\n"s, "sec ret\n"s, "secret \n"s, " secret"s, "secret\t"s, "secret\0"s,
        "sec\0ret\n"s, "secret\x7f"s, "secret\x1b[2J"s,
        "s\xc3\xa9"
        "cret"s,
        "secret\rsecret\n"s, std::string(513, 's'), std::string((1 << 20) + 1, 's')}) {
    const auto token = ReadClientToken(files.Write("token", content));
    EXPECT_EQ(token.status().code(), absl::StatusCode::kInvalidArgument) << content;
    EXPECT_THAT(std::string(token.status().message()), HasSubstr(files.Path("token")));
    EXPECT_THAT(std::string(token.status().message()), Not(HasSubstr("secret")));
  }
}

TEST(ClientTokenTest, RefusesAWorldReadableFile) {
  const CredentialFiles files;
  const auto token = ReadClientToken(files.Write("token", "abc", 0644));
  EXPECT_EQ(token.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(token.status().message()), HasSubstr("chmod o-r"));
  EXPECT_TRUE(ReadClientToken(files.Write("token", "abc", 0640)).ok()) << "a group's, as in pods";
}

TEST(ClientTokenTest, ReportsAMissingFile) {
  EXPECT_EQ(ReadClientToken("/no/such/token").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadClientToken("/").ok());
}

TEST(ClientTlsTest, ReadsTheFilesThatAreNamed) {
  const CredentialFiles files;
  const std::string authorities = files.Write("ca.pem", kPemCertificate, 0644);
  const auto tls = ReadClientTls({authorities, "", ""});
  ASSERT_TRUE(tls.ok()) << tls.status();
  EXPECT_EQ(tls->authorities, kPemCertificate);
  EXPECT_EQ(tls->certificate, "");
  EXPECT_EQ(ReadClientTls({files.Path("none"), "", ""}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadClientTls({files.Write("empty", ""), "", ""}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ClientTlsTest, RefusesAWorldReadableKey) {
  const CredentialFiles files;
  const std::string certificate = files.Write("own.pem", kPemCertificate, 0644);
  EXPECT_TRUE(ReadClientTls({"", certificate, files.Write("key.pem", kPemKey)}).ok());
  EXPECT_EQ(ReadClientTls({"", certificate, files.Write("key.pem", kPemKey, 0644)}).status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(ClientCredentialsTest, RefuseToSendATokenToAnotherMachineInPlaintext) {
  ClientCredentials token;
  token.token = "secret";
  ClientCredentials over_tls = token;
  over_tls.tls.emplace();
  for (const char* address : {"127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/run/mlp.sock"}) {
    EXPECT_TRUE(CheckClientCredentials(address, token).ok()) << address;
  }
  for (const char* address : {"10.0.0.1:1", "inference.example:1", "127.0.0.1.example:1",
                              "ipv4:127.0.0.1:1,10.0.0.1:1"}) {
    const absl::Status status = CheckClientCredentials(address, token);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(status.message()), HasSubstr("plaintext"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
    EXPECT_TRUE(CheckClientCredentials(address, over_tls).ok()) << address;
    EXPECT_TRUE(CheckClientCredentials(address, {}).ok()) << address;
  }
}

TEST(ClientCredentialsTest, RefuseHalfAnIdentityAndTextThatIsNotPem) {
  const auto check = [](const ClientTls& tls) {
    ClientCredentials credentials;
    credentials.tls = tls;
    return CheckClientCredentials("10.0.0.1:1", credentials).code();
  };
  ClientTls tls;
  EXPECT_EQ(check(tls), absl::StatusCode::kOk);
  tls.certificate = kPemCertificate;
  EXPECT_EQ(check(tls), absl::StatusCode::kInvalidArgument);
  tls.key = kPemKey;
  EXPECT_EQ(check(tls), absl::StatusCode::kOk);
  tls.authorities = "DER";
  EXPECT_EQ(check(tls), absl::StatusCode::kInvalidArgument);
  tls.authorities = kPemCertificate;
  tls.certificate = kPemKey;
  EXPECT_EQ(check(tls), absl::StatusCode::kInvalidArgument);
  tls = ClientTls();
  tls.key = kPemKey;
  EXPECT_EQ(check(tls), absl::StatusCode::kInvalidArgument);
}

TEST(ClientCredentialsTest, RefuseATokenThatNoHeaderCanHold) {
  for (const char* token : {"two words", "line\nfeed", "line\r\nx-other: header"}) {
    ClientCredentials credentials;
    credentials.token = token;
    EXPECT_EQ(CheckClientCredentials("127.0.0.1:1", credentials).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace mlp
