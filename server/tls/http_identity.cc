#include "server/tls/http_identity.h"

#include <gnutls/x509.h>
#include <openssl/crypto.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/tls/pem.h"

namespace mlp {
namespace {

absl::Status NotTaken(absl::string_view what, int error) {
  return absl::InvalidArgumentError(absl::StrCat(
      what, ": GnuTLS, which HTTP uses for TLS, does not accept it: ", gnutls_strerror(error)));
}

// What OpenSSL has checked, encoded in DER, so that the two libraries cannot interpret the same PEM
// in two ways.
struct DerBytes {
  unsigned char* data = nullptr;
  int size = 0;

  gnutls_datum_t datum() const { return {data, static_cast<unsigned>(size)}; }
};

absl::Status AddToChain(X509* certificate, std::vector<gnutls_pcert_st>& chain) {
  DerBytes der;
  const absl::Cleanup free = [&] { OPENSSL_free(der.data); };
  der.size = i2d_X509(certificate, &der.data);
  if (der.size <= 0) return absl::ResourceExhaustedError("out of memory for a certificate");
  const gnutls_datum_t datum = der.datum();
  gnutls_pcert_st imported{};
  const int error = gnutls_pcert_import_x509_raw(&imported, &datum, GNUTLS_X509_FMT_DER, 0);
  if (error != GNUTLS_E_SUCCESS) return NotTaken("certificate", error);
  chain.push_back(imported);
  return absl::OkStatus();
}

absl::Status ImportKey(const EVP_PKEY* from, gnutls_privkey_t& to) {
  PKCS8_PRIV_KEY_INFO* const info = EVP_PKEY2PKCS8(from);
  const absl::Cleanup free_info = [&] { PKCS8_PRIV_KEY_INFO_free(info); };
  DerBytes der;
  const absl::Cleanup wipe = [&] {
    OPENSSL_clear_free(der.data, der.size > 0 ? static_cast<std::size_t>(der.size) : 0);
  };
  if (info != nullptr) der.size = i2d_PKCS8_PRIV_KEY_INFO(info, &der.data);
  gnutls_x509_privkey_t key = nullptr;
  if (der.size <= 0 || gnutls_x509_privkey_init(&key) != GNUTLS_E_SUCCESS) {
    return absl::ResourceExhaustedError("out of memory for the key");
  }
  const gnutls_datum_t datum = der.datum();
  int error = gnutls_x509_privkey_import_pkcs8(key, &datum, GNUTLS_X509_FMT_DER, nullptr,
                                               GNUTLS_PKCS_PLAIN);
  if (error == GNUTLS_E_SUCCESS) error = gnutls_privkey_init(&to);
  if (error == GNUTLS_E_SUCCESS) {
    error = gnutls_privkey_import_x509(to, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (error == GNUTLS_E_SUCCESS) return absl::OkStatus();
  }
  gnutls_x509_privkey_deinit(key);
  return NotTaken("key", error);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const HttpIdentity>> HttpIdentity::Make(
    absl::string_view certificate_pem, absl::string_view key_pem) {
  const auto chain = ReadCertificates(certificate_pem);
  if (!chain.ok()) return chain.status();
  const auto key = ReadPrivateKey(key_pem);
  if (!key.ok()) return key.status();
  const std::shared_ptr<HttpIdentity> identity(new HttpIdentity);
  identity->chain_.reserve(chain->size());
  for (const auto& certificate : *chain) {
    absl::Status added = AddToChain(certificate.get(), identity->chain_);
    if (!added.ok()) return added;
  }
  absl::Status imported = ImportKey(key->get(), identity->key_);
  if (!imported.ok()) return imported;
  return identity;
}

HttpIdentity::~HttpIdentity() {
  for (gnutls_pcert_st& certificate : chain_) gnutls_pcert_deinit(&certificate);
  gnutls_privkey_deinit(key_);
}

}  // namespace mlp
