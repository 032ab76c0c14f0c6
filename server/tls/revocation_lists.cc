#include "server/tls/revocation_lists.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/tls/pem.h"

namespace mlp {
namespace {

bool IsSignedBy(X509_CRL* list, X509* authority) {
  const bool names_it =
      X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) == 0;
  EVP_PKEY* const key = X509_get0_pubkey(authority);
  const bool is_signed = names_it && key != nullptr && X509_CRL_verify(list, key) == 1;
  ERR_clear_error();
  return is_signed;
}

}  // namespace

absl::StatusOr<RevocationLists> RevocationLists::Read(absl::string_view pem,
                                                      absl::string_view authorities_pem) {
  absl::StatusOr<std::vector<OpensslPointer<X509_CRL>>> lists = ReadRevocationLists(pem);
  if (!lists.ok()) return lists.status();
  const auto authorities = ReadCertificates(authorities_pem);
  if (!authorities.ok()) return authorities.status();
  for (std::size_t i = 0; i < lists->size(); ++i) {
    const bool is_known = std::any_of(
        authorities->begin(), authorities->end(),
        [&](const OpensslPointer<X509>& one) { return IsSignedBy((*lists)[i].get(), one.get()); });
    if (!is_known) {
      return absl::InvalidArgumentError(
          absl::StrCat("revocation list number ", i + 1,
                       " is signed by none of the authorities for clients' certificates"));
    }
  }
  RevocationLists all;
  all.lists_ = *std::move(lists);
  return all;
}

bool RevocationLists::Revoked(absl::string_view pem) const {
  const auto certificates = ReadCertificates(pem);
  if (!certificates.ok()) return true;
  X509* const certificate = certificates->front().get();
  return std::any_of(lists_.begin(), lists_.end(), [&](const OpensslPointer<X509_CRL>& list) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(certificate)) != 0) {
      return false;
    }
    X509_REVOKED* entry = nullptr;
    // 2: it was on hold, and is not any more.
    return X509_CRL_get0_by_cert(list.get(), &entry, certificate) == 1;
  });
}

}  // namespace mlp
