#include "server/tls/http_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/tls/openssl_pointers.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HttpIdentityTest, AcceptsEachKindOfKeyAndTheChain) {
  const MadeCertificate root =
      MadeCertificate::SelfSigned({.common_name = "root", .is_authority = true});
  for (const KeyKind kind : {KeyKind::kEcdsa, KeyKind::kRsa2048, KeyKind::kEd25519}) {
    const MadeCertificate made = root.Issue({.key = kind});
    const auto identity = HttpIdentity::Make(absl::StrCat(made.pem(), root.pem()), made.key_pem());
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ((*identity)->chain_length(), 2);
    EXPECT_NE((*identity)->key(), nullptr);
  }
}

// A key on a curve that OpenSSL has and GnuTLS has not.
std::string KeyOfAnotherCurve() {
  const OpensslPointer<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1"));
  const OpensslPointer<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST(HttpIdentityTest, ReportsWhatGnuTlsRefuses) {
  const MadeCertificate made = MadeCertificate::SelfSigned({});
  const absl::Status status = HttpIdentity::Make(made.pem(), KeyOfAnotherCurve()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("key: GnuTLS"));
  EXPECT_FALSE(HttpIdentity::Make("", made.key_pem()).ok());
  EXPECT_THAT(std::string(HttpIdentity::Make(made.pem(), "").status().message()),
              HasSubstr("private key"));
}

}  // namespace
}  // namespace mlp
