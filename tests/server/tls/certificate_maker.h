// Makes authorities, certificates and revocation lists for tests, with OpenSSL.

#ifndef MLP_TESTS_SERVER_TLS_CERTIFICATE_MAKER_H_
#define MLP_TESTS_SERVER_TLS_CERTIFICATE_MAKER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/tls/openssl_pointers.h"

namespace mlp {

enum class KeyKind {
  kEcdsa,
  kEcdsaP521,
  kEcdsaP192,
  kSecp256k1,
  kBrainpool,
  kRsa2048,
  kRsa1024,
  kEd25519
};

// What a certificate contains.
struct CertificateWishes {
  std::string common_name = "server";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  // empty: none
  std::string extended_key_usage = "";                           // e.g. "clientAuth"
  bool is_authority = false;
  std::int64_t valid_from_seconds = -3600;  // from now
  std::int64_t valid_for_seconds = 86'400;
  KeyKind key = KeyKind::kEcdsa;
  bool signed_by_sha1 = false;
};

// What a revocation list contains. Extensions are written as in OpenSSL's configuration, e.g.
// "1.2.3.4=critical,DER:0500"; empty: none.
struct ListWishes {
  std::int64_t issued_seconds = -60;   // from now
  std::int64_t ends_seconds = 86'400;  // from now; 0: the list does not say
  std::string extension = "";
  std::string entry_extension = "";  // of the entries
};

// A certificate with its private key.
class MadeCertificate final {
 public:
  // Self-signed.
  static MadeCertificate SelfSigned(const CertificateWishes& wishes);

  // A certificate signed by this one.
  MadeCertificate Issue(const CertificateWishes& wishes) const;

  std::string pem() const;      // only the certificate
  std::string key_pem() const;  // PKCS #8
  std::string EncryptedKeyPem() const;

  // This authority's list, with `revoked` on it.
  std::string RevocationList(const std::vector<const MadeCertificate*>& revoked,
                             const ListWishes& wishes = {}) const;
  // A list with `entries` entries of other certificates.
  std::string LongRevocationList(int entries) const;

 private:
  MadeCertificate(OpensslPointer<X509> certificate, OpensslPointer<EVP_PKEY> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  std::string SignedList(OpensslPointer<X509_CRL> list, const ListWishes& wishes) const;
  static MadeCertificate Make(const CertificateWishes& wishes, const MadeCertificate* issuer);

  OpensslPointer<X509> certificate_;
  OpensslPointer<EVP_PKEY> key_;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_TLS_CERTIFICATE_MAKER_H_
