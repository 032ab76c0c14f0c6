#include "server/tls/tls_files.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"
#include "server/tls/http_identity.h"

namespace mlp {
namespace {

// Adds to `status` the option and the file that it is about.
absl::Status Of(absl::string_view option, const std::string& path, const absl::Status& status) {
  return {status.code(), absl::StrCat(option, ": ", Quote(path), ": ", status.message())};
}

// Refuses a file that contains a private key and is readable by every user.
absl::StatusOr<std::string> ReadTlsFile(const char* option, const std::string& path) {
  mode_t mode = 0;
  absl::StatusOr<std::string> content = ReadFileContent(path, TlsFiles::kMaxBytes, &mode);
  if (!content.ok()) return Of(option, path, content.status());
  if ((mode & S_IROTH) != 0 && absl::StrContains(*content, "PRIVATE KEY-----")) {
    OPENSSL_cleanse(content->data(), content->size());
    return Of(option, path,
              absl::PermissionDeniedError(
                  "it contains a private key, and every user of this machine can read it; "
                  "expected only certificates"));
  }
  return content;
}

// Reads the private key, which other users must not be able to read or write.
absl::StatusOr<std::string> ReadKeyFile(const char* option, const std::string& path) {
  mode_t mode = 0;
  absl::StatusOr<std::string> key = ReadFileContent(path, TlsFiles::kMaxBytes, &mode);
  if (!key.ok()) return Of(option, path, key.status());
  if ((mode & (S_IROTH | S_IWOTH)) == 0) return key;
  OPENSSL_cleanse(key->data(), key->size());
  return Of(
      option, path,
      absl::PermissionDeniedError(
          "every user of this machine can read or write it; expected mode 0600, or 0640 with a "
          "group for the server only"));
}

}  // namespace

struct TlsFiles::Content {
  Content() = default;
  Content(Content&&) = default;
  Content& operator=(Content&&) = default;
  // Wipes the key, also if another file is refused.
  ~Content() { OPENSSL_cleanse(identity.data(), identity.size()); }

  std::string identity;  // key and chain in one file, so that both change at the same time
  std::string authorities;
  std::vector<Expiry> expiries;
  InUse in_use;
  std::shared_ptr<const RevocationLists> revoked;
  std::shared_ptr<const HttpIdentity> http_identity;
};

absl::StatusOr<TlsFiles::Content> TlsFiles::ReadContent(const TlsPaths& paths, const InUse& in_use,
                                                        absl::Time now) {
  absl::StatusOr<std::string> key = ReadKeyFile(paths.key_option, paths.key);
  if (!key.ok()) return key.status();
  const absl::Cleanup wipe = [&] { OPENSSL_cleanse(key->data(), key->size()); };
  const absl::StatusOr<std::string> chain =
      ReadTlsFile(paths.certificate_option, paths.certificate);
  if (!chain.ok()) return chain.status();
  // A chain that expired in use must not keep a revocation from taking effect.
  const std::optional<absl::Time> date =
      *chain == in_use.chain ? std::nullopt : std::optional<absl::Time>(now);
  const absl::StatusOr<CertificateFacts> identity = CheckServerIdentity(*chain, *key, date);
  const std::string options = absl::StrCat(paths.certificate_option, " and ", paths.key_option);
  if (!identity.ok()) return Of(options, paths.certificate, identity.status());
  Content content;
  if (paths.for_http) {
    absl::StatusOr<std::shared_ptr<const HttpIdentity>> for_http = HttpIdentity::Make(*chain, *key);
    if (!for_http.ok()) return Of(options, paths.certificate, for_http.status());
    content.http_identity = *std::move(for_http);
  }
  content.identity = absl::StrCat(*key, "\n", *chain);
  content.in_use.chain = *chain;
  content.expiries.push_back({"certificate", identity->not_after});
  if (paths.client_authorities.empty()) return content;

  absl::StatusOr<std::string> authorities =
      ReadTlsFile("--tls-client-ca", paths.client_authorities);
  if (!authorities.ok()) return authorities.status();
  const absl::StatusOr<CertificateFacts> facts = CheckAuthorities(*authorities, now);
  if (!facts.ok()) return Of("--tls-client-ca", paths.client_authorities, facts.status());
  content.authorities = *std::move(authorities);
  content.expiries.push_back({"client_authorities", facts->not_after});
  if (paths.revocation_lists.empty()) return content;

  absl::StatusOr<std::string> lists = ReadTlsFile("--tls-crl", paths.revocation_lists);
  if (!lists.ok()) return lists.status();
  absl::StatusOr<RevocationLists> revoked = RevocationLists::Read(*lists, content.authorities);
  absl::Status right = revoked.status();
  if (right.ok() && *lists != in_use.lists) right = revoked->CheckDates(now);
  if (!right.ok()) return Of("--tls-crl", paths.revocation_lists, right);
  if (const absl::Time end = revoked->not_after(); end != absl::InfiniteFuture()) {
    content.expiries.push_back({"revocation_lists", end});
  }
  content.in_use.lists = *std::move(lists);
  content.revoked = std::make_shared<const RevocationLists>(*std::move(revoked));
  return content;
}

absl::StatusOr<TlsFiles::Copies> TlsFiles::CopyOf(const TlsPaths& paths, const Content& content) {
  Copies copies;
  if (paths.for_grpc) {
    absl::StatusOr<MemoryFile> identity = MemoryFile::Create(content.identity);
    if (!identity.ok()) return identity.status();
    copies.identity = *std::move(identity);
  }
  if (!content.authorities.empty()) {
    absl::StatusOr<MemoryFile> authorities = MemoryFile::Create(content.authorities);
    if (!authorities.ok()) return authorities.status();
    copies.authorities = *std::move(authorities);
  }
  return copies;
}

absl::StatusOr<std::unique_ptr<TlsFiles>> TlsFiles::Read(TlsPaths paths, absl::Time now) {
  std::unique_ptr<TlsFiles> files(new TlsFiles(std::move(paths)));
  // Taken before the files are read, so that a change during the read is seen at the next look.
  const Stamps stamps = files->StampsNow();
  absl::StatusOr<Content> content = ReadContent(files->paths_, /*in_use=*/{}, now);
  if (!content.ok()) return content.status();
  absl::StatusOr<Copies> copies = CopyOf(files->paths_, *content);
  if (!copies.ok()) return copies.status();
  files->copies_ = *std::move(copies);
  files->schedule_.WasRead(stamps, "");
  files->Keep(*std::move(content));
  return files;
}

TlsFiles::ReadResult TlsFiles::ReadIfDue(absl::Time now) {
  const Stamps stamps = StampsNow();
  if (!schedule_.IsDue(stamps)) return {};
  ReadResult look;
  look.status = TakeOver(now);
  look.changed = schedule_.WasRead(stamps, std::string(look.status.message()));
  return look;
}

absl::Status TlsFiles::TakeOver(absl::Time now) {
  absl::StatusOr<Content> content = ReadContent(paths_, in_use_, now);
  if (!content.ok()) return content.status();
  // Both copies are made before either is used, so that they are taken over together.
  const absl::StatusOr<Copies> copies = CopyOf(paths_, *content);
  if (!copies.ok()) return copies.status();
  for (std::optional<MemoryFile> Copies::*const copy : {&Copies::identity, &Copies::authorities}) {
    if (!(copies_.*copy).has_value()) continue;
    absl::Status exchanged = (copies_.*copy)->Exchange(*((*copies).*copy));
    if (!exchanged.ok()) return exchanged;
  }
  Keep(*std::move(content));
  return absl::OkStatus();
}

TlsFiles::Stamps TlsFiles::StampsNow() const {
  Stamps stamps;
  const std::string* const files[] = {&paths_.certificate, &paths_.key, &paths_.client_authorities,
                                      &paths_.revocation_lists};
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    stamps[i] = StampOf(*files[i]);
  }
  return stamps;
}

void TlsFiles::Keep(Content content) {
  in_use_ = std::move(content.in_use);
  const std::lock_guard lock(mutex_);
  expiries_ = std::move(content.expiries);
  revoked_ = std::move(content.revoked);
  http_identity_ = std::move(content.http_identity);
}

std::vector<TlsFiles::Expiry> TlsFiles::Expiries() const {
  const std::lock_guard lock(mutex_);
  return expiries_;
}

std::shared_ptr<const HttpIdentity> TlsFiles::http_identity() const {
  const std::lock_guard lock(mutex_);
  return http_identity_;
}

bool TlsFiles::Revoked(absl::string_view certificate_pem) const {
  std::shared_ptr<const RevocationLists> revoked;
  {
    const std::lock_guard lock(mutex_);
    revoked = revoked_;
  }
  return revoked != nullptr && revoked->Revoked(certificate_pem);
}

}  // namespace mlp
