#include "server/tls/server_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/tls/certificate_maker.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ServerIdentityTest : public testing::Test {
 protected:
  static std::string Error(const std::string& certificate, const std::string& key) {
    return std::string(CheckServerIdentity(certificate, key, absl::Now()).status().message());
  }

  const MadeCertificate root_ =
      MadeCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  const MadeCertificate middle_ = root_.Issue({.common_name = "middle", .is_authority = true});
  const MadeCertificate server_ = middle_.Issue({});
};

TEST_F(ServerIdentityTest, AcceptsAChainAndItsKeyOfEveryKind) {
  for (const KeyKind kind :
       {KeyKind::kEcdsa, KeyKind::kEcdsaP521, KeyKind::kRsa2048, KeyKind::kEd25519}) {
    const MadeCertificate server = middle_.Issue({.key = kind});
    const auto facts =
        CheckServerIdentity(server.pem() + middle_.pem(), server.key_pem(), absl::Now());
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_GT(facts->not_after, absl::Now());
  }
}

TEST_F(ServerIdentityTest, ReportsTheEarliestExpiryInTheChain) {
  const MadeCertificate brief =
      root_.Issue({.common_name = "brief", .is_authority = true, .valid_for_seconds = 4000});
  const MadeCertificate server = brief.Issue({});
  const auto facts = CheckServerIdentity(server.pem() + brief.pem(), server.key_pem(), absl::Now());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_LT(facts->not_after, absl::Now() + absl::Seconds(1000));
}

TEST_F(ServerIdentityTest, RefusesFilesThatDoNotFitAndReportsWhatIsWrong) {
  const std::string chain = server_.pem() + middle_.pem();
  const MadeCertificate expired =
      middle_.Issue({.valid_from_seconds = -7200, .valid_for_seconds = 60});
  const MadeCertificate later = middle_.Issue({.valid_from_seconds = 3600});
  const MadeCertificate weak = middle_.Issue({.key = KeyKind::kRsa1024});
  std::string broken = server_.pem();
  broken[broken.size() / 2] = broken[broken.size() / 2] == 'A' ? '-' : 'A';

  const struct {
    std::string certificate;
    std::string key;
    std::string error;
  } cases[] = {
      {"", server_.key_pem(), "certificate: it contains no certificate"},
      {"no PEM", server_.key_pem(), "certificate: it contains no certificate"},
      {server_.key_pem(), server_.key_pem(), "certificate: it contains no certificate"},
      {broken, server_.key_pem(), "certificate"},
      {chain, "", "key: it contains no readable private key"},
      {chain, server_.pem(), "key: it contains no readable private key"},
      {chain, server_.EncryptedKeyPem(), "key: the private key is encrypted"},
      {chain, middle_.key_pem(), "key: it does not belong to the certificate 'CN=server'"},
      {weak.pem(), weak.key_pem(), "key: it is an RSA key of 1024 bits; expected at least 2048"},
      {expired.pem(), expired.key_pem(), "certificate: 'CN=server' expired at "},
      {later.pem(), later.key_pem(), "certificate: 'CN=server' is not valid before "},
      {server_.pem() + root_.pem(), server_.key_pem(),
       "certificate: number 2 of the chain, 'CN=root', did not issue the one before it"},
      {middle_.pem() + server_.pem(), server_.key_pem(), "key: it does not belong"},
  };
  for (const auto& one : cases) {
    EXPECT_THAT(Error(one.certificate, one.key), HasSubstr(one.error));
  }
}

// Every part of these is valid, and yet no client could connect.
TEST_F(ServerIdentityTest, RefusesACertificateThatFailsEveryHandshake) {
  const MadeCertificate by_sha1 = middle_.Issue({.signed_by_sha1 = true});
  EXPECT_THAT(Error(by_sha1.pem() + middle_.pem(), by_sha1.key_pem()),
              HasSubstr("certificate: no handshake succeeds with it (ca md too weak)"));
  for (const KeyKind kind : {KeyKind::kEcdsaP192, KeyKind::kSecp256k1, KeyKind::kBrainpool}) {
    const MadeCertificate server = middle_.Issue({.key = kind});
    EXPECT_THAT(Error(server.pem() + middle_.pem(), server.key_pem()),
                HasSubstr("certificate: no handshake succeeds with it ("))
        << static_cast<int>(kind);
  }
}

TEST_F(ServerIdentityTest, RefusesACertificateThatIsNotForServers) {
  const MadeCertificate client = middle_.Issue({.extended_key_usage = "clientAuth"});
  EXPECT_THAT(Error(client.pem() + middle_.pem(), client.key_pem()),
              HasSubstr("certificate: 'CN=server' is not for servers"));
  const MadeCertificate both = middle_.Issue({.extended_key_usage = "clientAuth,serverAuth"});
  EXPECT_EQ(Error(both.pem() + middle_.pem(), both.key_pem()), "");
}

// By default, OpenSSL would ask for a passphrase on the terminal and wait for it.
TEST_F(ServerIdentityTest, RefusesAnEncryptedCertificateWithoutAskingForItsPassphrase) {
  std::string encrypted = server_.pem();
  encrypted.insert(encrypted.find('\n') + 1,
                   "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF"
                   "\n\n");
  EXPECT_THAT(Error(encrypted, server_.key_pem()), HasSubstr("certificate number 1"));
}

TEST_F(ServerIdentityTest, NeverRevealsTheKey) {
  const std::string key = server_.key_pem();
  EXPECT_THAT(Error(middle_.pem(), key), Not(HasSubstr(key.substr(40, 10))));
}

TEST(CheckAuthoritiesTest, AcceptsABundleWithOneValidAuthority) {
  const MadeCertificate old = MadeCertificate::SelfSigned(
      {.is_authority = true, .valid_from_seconds = -7200, .valid_for_seconds = 60});
  const MadeCertificate valid = MadeCertificate::SelfSigned({.is_authority = true});
  EXPECT_TRUE(CheckAuthorities(old.pem() + valid.pem(), absl::Now()).ok());
  EXPECT_THAT(std::string(CheckAuthorities(old.pem(), absl::Now()).status().message()),
              HasSubstr("expired"));
  EXPECT_THAT(std::string(CheckAuthorities("", absl::Now()).status().message()),
              HasSubstr("it contains no certificate"));
}

}  // namespace
}  // namespace mlp
