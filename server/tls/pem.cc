#include "server/tls/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

OpensslPointer<BIO> Open(absl::string_view pem) {
  return OpensslPointer<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// OpenSSL's default would ask for the passphrase on the terminal and wait. `asked` may be null.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  if (asked != nullptr) *static_cast<bool*>(asked) = true;
  return -1;
}

// Reads all objects of one kind. `kind`: what an error calls one of them.
template <typename T, typename Read>
absl::StatusOr<std::vector<OpensslPointer<T>>> ReadAll(absl::string_view pem, const char* kind,
                                                       const Read& read) {
  std::vector<OpensslPointer<T>> all;
  const OpensslPointer<BIO> bio = Open(pem);
  while (bio != nullptr) {
    ERR_clear_error();
    OpensslPointer<T> object(read(bio.get()));
    if (object == nullptr) break;
    all.push_back(std::move(object));
  }
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!at_end) {
    return absl::InvalidArgumentError(
        absl::StrCat(kind, " number ", all.size() + 1, " in it cannot be read"));
  }
  if (all.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("it contains no ", kind, "; expected PEM"));
  }
  return all;
}

}  // namespace

absl::StatusOr<std::vector<OpensslPointer<X509>>> ReadCertificates(absl::string_view pem) {
  return ReadAll<X509>(pem, "certificate", [](BIO* bio) {
    return PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr);
  });
}

absl::StatusOr<OpensslPointer<EVP_PKEY>> ReadPrivateKey(absl::string_view pem) {
  ERR_clear_error();
  bool encrypted = false;
  const OpensslPointer<BIO> bio = Open(pem);
  OpensslPointer<EVP_PKEY> key(
      bio == nullptr ? nullptr
                     : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, &encrypted));
  ERR_clear_error();
  if (key != nullptr) return key;
  if (encrypted || absl::StrContains(pem, "ENCRYPTED")) {
    return absl::InvalidArgumentError(
        "the private key is encrypted; expected one without a passphrase, in a file that only the "
        "server's user may read");
  }
  return absl::InvalidArgumentError("it contains no readable private key; expected PEM");
}

absl::StatusOr<std::vector<OpensslPointer<X509_CRL>>> ReadRevocationLists(absl::string_view pem) {
  return ReadAll<X509_CRL>(pem, "revocation list", [](BIO* bio) {
    return PEM_read_bio_X509_CRL(bio, nullptr, NoPassphrase, nullptr);
  });
}

}  // namespace mlp
