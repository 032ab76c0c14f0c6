#include "tests/server/tls/certificate_maker.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <utility>

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
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case KeyKind::kEcdsaP521:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
      break;
    case KeyKind::kEcdsaP192:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-192");
      break;
    case KeyKind::kSecp256k1:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1");
      break;
    case KeyKind::kBrainpool:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "brainpoolP256r1");
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

// `text`: its name, an equals sign and its value.
X509_EXTENSION* MakeExtension(const std::string& text) {
  const std::size_t equals = text.find('=');
  X509_EXTENSION* const extension = X509V3_EXT_conf(
      nullptr, nullptr, text.substr(0, equals).c_str(), text.substr(equals + 1).c_str());
  Check(extension != nullptr, "an extension");
  return extension;
}

void AddEntry(const ASN1_INTEGER* serial, const std::string& extension, X509_CRL* list) {
  X509_REVOKED* const entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(entry, const_cast<ASN1_INTEGER*>(serial));
  ASN1_TIME* const now = ASN1_TIME_set(nullptr, std::time(nullptr) - 60);
  X509_REVOKED_set_revocationDate(entry, now);
  ASN1_TIME_free(now);
  if (!extension.empty()) {
    X509_EXTENSION* const made = MakeExtension(extension);
    Check(X509_REVOKED_add_ext(entry, made, -1) == 1, "an extension");
    X509_EXTENSION_free(made);
  }
  Check(X509_CRL_add0_revoked(list, entry) == 1, "an entry");
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
  const EVP_MD* const digest = wishes.signed_by_sha1 ? EVP_sha1() : DigestFor(key);
  Check(X509_sign(certificate, key, digest) > 0, "a signature");
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

std::string MadeCertificate::RevocationList(const std::vector<const MadeCertificate*>& revoked,
                                            const ListWishes& wishes) const {
  OpensslPointer<X509_CRL> list(X509_CRL_new());
  for (const MadeCertificate* const one : revoked) {
    AddEntry(X509_get0_serialNumber(one->certificate_.get()), wishes.entry_extension, list.get());
  }
  return SignedList(std::move(list), wishes);
}

std::string MadeCertificate::LongRevocationList(int entries) const {
  OpensslPointer<X509_CRL> list(X509_CRL_new());
  ASN1_INTEGER* const serial = ASN1_INTEGER_new();
  for (int i = 0; i < entries; ++i) {
    ASN1_INTEGER_set_int64(serial, (std::int64_t{1} << 60) + i);
    AddEntry(serial, "", list.get());
  }
  ASN1_INTEGER_free(serial);
  return SignedList(std::move(list), {});
}

std::string MadeCertificate::SignedList(OpensslPointer<X509_CRL> list,
                                        const ListWishes& wishes) const {
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  const std::time_t now = std::time(nullptr);
  ASN1_TIME* const from = ASN1_TIME_set(nullptr, now + wishes.issued_seconds);
  X509_CRL_set1_lastUpdate(list.get(), from);
  ASN1_TIME_free(from);
  if (wishes.ends_seconds != 0) {
    ASN1_TIME* const end = ASN1_TIME_set(nullptr, now + wishes.ends_seconds);
    X509_CRL_set1_nextUpdate(list.get(), end);
    ASN1_TIME_free(end);
  }
  if (!wishes.extension.empty()) {
    X509_EXTENSION* const extension = MakeExtension(wishes.extension);
    Check(X509_CRL_add_ext(list.get(), extension, -1) == 1, "an extension");
    X509_EXTENSION_free(extension);
  }
  Check(X509_CRL_sign(list.get(), key_.get(), DigestFor(key_.get())) > 0, "a signature");
  return PemOf([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

}  // namespace mlp
