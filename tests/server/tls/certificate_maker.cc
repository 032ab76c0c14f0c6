#include "tests/server/tls/certificate_maker.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <ctime>
#include <iostream>

namespace mlp {
namespace {

// A test cannot go on without its certificates.
void Check(bool done, const char* what) {
  if (done) return;
  std::cerr << "OpenSSL: " << what << " failed\n";
  std::abort();
}

OpensslPointer<EVP_PKEY> MakeKey(KeyKind kind) {
  EVP_PKEY* key = nullptr;
  switch (kind) {
    case KeyKind::kEcdsa:
      key = EVP_EC_gen("P-256");
      break;
    case KeyKind::kRsa2048:
      key = EVP_RSA_gen(2048);
      break;
    case KeyKind::kRsa1024:
      key = EVP_RSA_gen(1024);
      break;
    case KeyKind::kEd25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  Check(key != nullptr, "a key");
  return OpensslPointer<EVP_PKEY>(key);
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  Check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "an extension");
  X509_EXTENSION_free(extension);
}

const EVP_MD* DigestFor(EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
}

template <typename Write>
std::string PemOf(const Write& write) {
  const OpensslPointer<BIO> bio(BIO_new(BIO_s_mem()));
  Check(write(bio.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

MadeCertificate MadeCertificate::Make(const CertificateWishes& wishes,
                                      const MadeCertificate* issuer) {
  MadeCertificate made(OpensslPointer<X509>(X509_new()), MakeKey(wishes.key));
  X509* const certificate = made.certificate_.get();
  X509_set_version(certificate, X509_VERSION_3);
  std::int64_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "a number");
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial & INT64_MAX);
  const std::time_t now = std::time(nullptr);
  ASN1_TIME_set(X509_getm_notBefore(certificate), now + wishes.valid_from_seconds);
  ASN1_TIME_set(X509_getm_notAfter(certificate),
                now + wishes.valid_from_seconds + wishes.valid_for_seconds);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wishes.common_name.c_str()), -1,
                             -1, 0);
  X509* const signer = issuer == nullptr ? certificate : issuer->certificate_.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set_pubkey(certificate, made.key_.get());
  AddExtension(certificate, signer, NID_basic_constraints,
               wishes.is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  AddExtension(certificate, signer, NID_subject_key_identifier, "hash");
  if (!wishes.alternative_names.empty()) {
    AddExtension(certificate, signer, NID_subject_alt_name, wishes.alternative_names);
  }
  if (!wishes.extended_key_usage.empty()) {
    AddExtension(certificate, signer, NID_ext_key_usage, wishes.extended_key_usage);
  }
  EVP_PKEY* const key = issuer == nullptr ? made.key_.get() : issuer->key_.get();
  Check(X509_sign(certificate, key, DigestFor(key)) > 0, "a signature");
  return made;
}

MadeCertificate MadeCertificate::SelfSigned(const CertificateWishes& wishes) {
  return Make(wishes, nullptr);
}

MadeCertificate MadeCertificate::Issue(const CertificateWishes& wishes) const {
  return Make(wishes, this);
}

std::string MadeCertificate::pem() const {
  return PemOf([this](BIO* bio) { return PEM_write_bio_X509(bio, certificate_.get()); });
}

std::string MadeCertificate::key_pem() const {
  return PemOf([this](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string MadeCertificate::EncryptedKeyPem() const {
  return PemOf([this](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), EVP_aes_256_cbc(), "secret", 6, nullptr,
                                         nullptr);
  });
}

std::string MadeCertificate::RevocationList(
    const std::vector<const MadeCertificate*>& revoked) const {
  const OpensslPointer<X509_CRL> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  ASN1_TIME* const now = ASN1_TIME_set(nullptr, std::time(nullptr) - 60);
  X509_CRL_set1_lastUpdate(list.get(), now);
  ASN1_TIME* const next = ASN1_TIME_set(nullptr, std::time(nullptr) + 86'400);
  X509_CRL_set1_nextUpdate(list.get(), next);
  for (const MadeCertificate* const one : revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one->certificate_.get()));
    X509_REVOKED_set_revocationDate(entry, now);
    Check(X509_CRL_add0_revoked(list.get(), entry) == 1, "an entry");
  }
  ASN1_TIME_free(now);
  ASN1_TIME_free(next);
  Check(X509_CRL_sign(list.get(), key_.get(), DigestFor(key_.get())) > 0, "a signature");
  return PemOf([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

}  // namespace mlp
