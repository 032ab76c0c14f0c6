#include "server/tls/revocation_lists.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/tls/asn1_time.h"
#include "server/tls/pem.h"

namespace mlp {
namespace {

// A list issued just now may reach a machine whose clock is behind.
constexpr absl::Duration kClockDifference = absl::Minutes(5);

bool IsSignedBy(X509_CRL* list, X509* authority) {
  const bool names_it =
      X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) == 0;
  EVP_PKEY* const key = X509_get0_pubkey(authority);
  const bool is_signed = names_it && key != nullptr && X509_CRL_verify(list, key) == 1;
  ERR_clear_error();
  return is_signed;
}

absl::Status WrongList(std::size_t index, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("revocation list number ", index + 1, " ", what));
}

std::string NameOfExtension(X509_EXTENSION* extension) {
  std::array<char, 80> name{};
  OBJ_obj2txt(name.data(), name.size(), X509_EXTENSION_get_object(extension), /*no_name=*/0);
  return name.data();
}

bool IsIssuingPoint(X509_EXTENSION* extension) {
  return OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_issuing_distribution_point;
}

// Whether the list covers only a part of its authority's certificates. A list for users'
// certificates only is whole enough: no others are looked up.
bool IsPartial(const X509_CRL& list) {
  int found = 0;
  auto* const point = static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(&list, NID_issuing_distribution_point, &found, nullptr));
  ERR_clear_error();
  // -1: the extension is absent. Any other value: it cannot be read, or appears twice.
  if (point == nullptr) return found != -1;
  const bool is_of_a_part = point->indirectCRL > 0 || point->onlyCA > 0 || point->onlyattr > 0 ||
                            point->onlysomereasons != nullptr;
  ISSUING_DIST_POINT_free(point);
  return is_of_a_part;
}

// RFC 5280 forbids using a list with an unknown critical extension, of the list or of an entry: it
// may change what the list means.
absl::Status CheckIsWhole(X509_CRL& list, std::size_t index) {
  if (X509_CRL_get_ext_by_NID(&list, NID_delta_crl, -1) >= 0) {
    return WrongList(index, "is a delta list; expected a complete list");
  }
  if (IsPartial(list)) {
    return WrongList(index,
                     "covers only a part of its authority's certificates, or those of other "
                     "authorities; expected a complete list");
  }
  const auto unknown = [index](X509_EXTENSION* extension) {
    return WrongList(index, absl::StrCat("has the critical extension ", NameOfExtension(extension),
                                         ", which is unknown here"));
  };
  for (int i = 0; i < X509_CRL_get_ext_count(&list); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(&list, i);
    if (X509_EXTENSION_get_critical(extension) != 0 && !IsIssuingPoint(extension))
      return unknown(extension);
  }
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(&list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j) {
      X509_EXTENSION* const extension = X509_REVOKED_get_ext(entry, j);
      if (X509_EXTENSION_get_critical(extension) != 0) return unknown(extension);
    }
  }
  return absl::OkStatus();
}

// The infinite future if the list does not say.
absl::Time EndOf(const X509_CRL& list) {
  const ASN1_TIME* const end = X509_CRL_get0_nextUpdate(&list);
  return end == nullptr ? absl::InfiniteFuture() : TimeOfAsn1(end);
}

}  // namespace

absl::StatusOr<RevocationLists> RevocationLists::Read(absl::string_view pem,
                                                      absl::string_view authorities_pem) {
  absl::StatusOr<std::vector<OpensslPointer<X509_CRL>>> lists = ReadRevocationLists(pem);
  if (!lists.ok()) return lists.status();
  const auto authorities = ReadCertificates(authorities_pem);
  if (!authorities.ok()) return authorities.status();
  for (std::size_t i = 0; i < lists->size(); ++i) {
    X509_CRL* const list = (*lists)[i].get();
    const bool is_known = std::any_of(authorities->begin(), authorities->end(),
                                      [list](const OpensslPointer<X509>& certificate) {
                                        return IsSignedBy(list, certificate.get());
                                      });
    if (!is_known) {
      return WrongList(i, "is signed by none of the authorities for clients' certificates");
    }
    if (absl::Status whole = CheckIsWhole(*list, i); !whole.ok()) return whole;
  }
  RevocationLists all;
  all.lists_ = *std::move(lists);
  return all;
}

absl::Status RevocationLists::CheckDates(absl::Time now) const {
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const absl::Time from = TimeOfAsn1(X509_CRL_get0_lastUpdate(lists_[i].get()));
    const absl::Time end = EndOf(*lists_[i]);
    if (now > end) {
      return WrongList(i, absl::StrCat("has been out of date since ", TimeText(end),
                                       "; expected its authority's newest list"));
    }
    if (now + kClockDifference < from) {
      return WrongList(i, absl::StrCat("is not valid before ", TimeText(from),
                                       "; check this machine's clock too"));
    }
  }
  return absl::OkStatus();
}

absl::Time RevocationLists::not_after() const {
  absl::Time first = absl::InfiniteFuture();
  for (const OpensslPointer<X509_CRL>& list : lists_) first = std::min(first, EndOf(*list));
  return first;
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
    // 2 means that it was on hold and no longer is.
    return X509_CRL_get0_by_cert(list.get(), &entry, certificate) == 1;
  });
}

}  // namespace mlp
