#include "server/tls/server_identity.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/quote.h"
#include "server/tls/asn1_time.h"
#include "server/tls/pem.h"
#include "server/tls/trial_handshake.h"

namespace mlp {
namespace {

constexpr int kMinRsaBits = 2048;

absl::Status WrongCertificate(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("certificate: ", what));
}

absl::Status WrongKey(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("key: ", what));
}

std::string SubjectOf(const X509& certificate) {
  const OpensslPointer<BIO> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr) return "";
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

absl::Status CheckDates(const X509& certificate, absl::Time now) {
  const absl::Time from = TimeOfAsn1(X509_get0_notBefore(&certificate));
  const absl::Time until = TimeOfAsn1(X509_get0_notAfter(&certificate));
  const std::string subject = Quote(SubjectOf(certificate));
  if (now > until) return WrongCertificate(absl::StrCat(subject, " expired at ", TimeText(until)));
  if (now < from) {
    return WrongCertificate(absl::StrCat(subject, " is not valid before ", TimeText(from),
                                         "; check this machine's clock too"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CertificateFacts> CheckServerIdentity(absl::string_view certificate_pem,
                                                     absl::string_view key_pem,
                                                     std::optional<absl::Time> now) {
  const auto chain = ReadCertificates(certificate_pem);
  if (!chain.ok()) return WrongCertificate(chain.status().message());
  const auto key = ReadPrivateKey(key_pem);
  if (!key.ok()) return WrongKey(key.status().message());
  if (EVP_PKEY_get_base_id(key->get()) == EVP_PKEY_RSA &&
      EVP_PKEY_get_bits(key->get()) < kMinRsaBits) {
    return WrongKey(absl::StrCat("it is an RSA key of ", EVP_PKEY_get_bits(key->get()),
                                 " bits; expected at least ", kMinRsaBits));
  }
  const int fits = X509_check_private_key(chain->front().get(), key->get());
  ERR_clear_error();
  if (fits != 1) {
    return WrongKey(
        absl::StrCat("it does not belong to the certificate ", Quote(SubjectOf(*chain->front()))));
  }
  if (X509_check_purpose(chain->front().get(), X509_PURPOSE_SSL_SERVER, /*ca=*/0) != 1) {
    return WrongCertificate(
        absl::StrCat(Quote(SubjectOf(*chain->front())),
                     " is not for servers; expected an extendedKeyUsage with serverAuth, or none"));
  }
  CertificateFacts facts{absl::InfiniteFuture()};
  for (std::size_t i = 0; i < chain->size(); ++i) {
    const X509& certificate = *(*chain)[i];
    if (now.has_value()) {
      if (absl::Status status = CheckDates(certificate, *now); !status.ok()) return status;
    }
    facts.not_after = std::min(facts.not_after, TimeOfAsn1(X509_get0_notAfter(&certificate)));
    if (i == 0) continue;
    const X509& issued = *(*chain)[i - 1];
    if (X509_check_issued(const_cast<X509*>(&certificate), const_cast<X509*>(&issued)) !=
        X509_V_OK) {
      return WrongCertificate(absl::StrCat(
          "number ", i + 1, " of the chain, ", Quote(SubjectOf(certificate)),
          ", did not issue the one before it, ", Quote(SubjectOf(issued)),
          "; expected the server's own certificate first and each one's issuer after it"));
    }
  }
  if (absl::Status status = TryHandshake(*chain, **key); !status.ok()) {
    return WrongCertificate(status.message());
  }
  return facts;
}

absl::StatusOr<CertificateFacts> CheckAuthorities(absl::string_view pem, absl::Time now) {
  const auto all = ReadCertificates(pem);
  if (!all.ok()) return all.status();
  CertificateFacts facts{absl::InfinitePast()};
  for (const auto& certificate : *all) {
    facts.not_after = std::max(facts.not_after, TimeOfAsn1(X509_get0_notAfter(certificate.get())));
  }
  if (facts.not_after < now) {
    return absl::InvalidArgumentError("all authorities in it have expired");
  }
  return facts;
}

}  // namespace mlp
