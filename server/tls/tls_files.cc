#include "server/tls/tls_files.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"

namespace mlp {
namespace {

// `status` with the option and the file that it is about.
absl::Status Of(const char* option, const std::string& path, const absl::Status& status) {
  return {status.code(), absl::StrCat(option, ": ", Quote(path), ": ", status.message())};
}

absl::StatusOr<std::string> ReadTlsFile(const char* option, const std::string& path) {
  absl::StatusOr<std::string> content = ReadFileContent(path, TlsFiles::kMostBytes);
  if (!content.ok()) return Of(option, path, content.status());
  return content;
}

absl::Status CheckKeyIsKept(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || (facts.st_mode & (S_IROTH | S_IWOTH)) == 0) {
    return absl::OkStatus();
  }
  return Of(
      "--tls-key", path,
      absl::PermissionDeniedError(
          "everybody on this machine may read or write it; expected a file of mode 0600, or 0640 "
          "with a group of the server's own"));
}

}  // namespace

struct TlsFiles::Content {
  Content() = default;
  Content(Content&&) = default;
  Content& operator=(Content&&) = default;
  // Also where another file of theirs is refused.
  ~Content() { OPENSSL_cleanse(identity.data(), identity.size()); }

  std::string identity;  // the key and the chain, in one file: so they are exchanged at once
  std::string authorities;
  std::vector<Expiry> expiries;
  std::string lists_text;
  std::shared_ptr<const RevocationLists> revoked;
};

absl::StatusOr<TlsFiles::Content> TlsFiles::ReadContent(const TlsPaths& paths,
                                                        const std::string& known_lists,
                                                        absl::Time now) {
  if (absl::Status kept = CheckKeyIsKept(paths.key); !kept.ok()) return kept;
  absl::StatusOr<std::string> key = ReadTlsFile("--tls-key", paths.key);
  if (!key.ok()) return key.status();
  const absl::Cleanup wipe = [&] { OPENSSL_cleanse(key->data(), key->size()); };
  const absl::StatusOr<std::string> chain = ReadTlsFile("--tls-cert", paths.certificate);
  if (!chain.ok()) return chain.status();
  const absl::StatusOr<CertificateFacts> identity = CheckServerIdentity(*chain, *key, now);
  if (!identity.ok()) {
    return Of("--tls-cert and --tls-key", paths.certificate, identity.status());
  }
  Content content;
  content.identity = absl::StrCat(*key, "\n", *chain);
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
  if (right.ok() && *lists != known_lists) right = revoked->CheckDates(now);
  if (!right.ok()) return Of("--tls-crl", paths.revocation_lists, right);
  if (const absl::Time end = revoked->not_after(); end != absl::InfiniteFuture()) {
    content.expiries.push_back({"revocation_lists", end});
  }
  content.lists_text = *std::move(lists);
  content.revoked = std::make_shared<const RevocationLists>(*std::move(revoked));
  return content;
}

absl::StatusOr<std::unique_ptr<TlsFiles>> TlsFiles::Read(TlsPaths paths, absl::Time now) {
  absl::StatusOr<Content> content = ReadContent(paths, /*known_lists=*/"", now);
  if (!content.ok()) return content.status();
  absl::StatusOr<MemoryFile> identity = MemoryFile::Create(content->identity);
  if (!identity.ok()) return identity.status();
  std::optional<MemoryFile> authorities;
  if (!content->authorities.empty()) {
    absl::StatusOr<MemoryFile> file = MemoryFile::Create(content->authorities);
    if (!file.ok()) return file.status();
    authorities = *std::move(file);
  }
  std::unique_ptr<TlsFiles> files(
      new TlsFiles(std::move(paths), *std::move(identity), std::move(authorities)));
  files->taken_ = files->seen_ = files->StampsNow();
  files->Keep(*std::move(content));
  return files;
}

TlsFiles::Look TlsFiles::LookAt(absl::Time now) {
  const Stamps stamps = StampsNow();
  const bool at_rest = stamps == seen_;
  seen_ = stamps;
  if (stamps == taken_ || !at_rest) return {};
  // Read again once they change again, whatever comes of it.
  taken_ = stamps;
  absl::StatusOr<Content> content = ReadContent(paths_, lists_text_, now);
  if (!content.ok()) return {true, content.status()};
  absl::Status status = identity_.Exchange(content->identity);
  if (status.ok() && authorities_.has_value())
    status = authorities_->Exchange(content->authorities);
  if (status.ok()) Keep(*std::move(content));
  return {true, status};
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
  lists_text_ = std::move(content.lists_text);
  const std::lock_guard lock(mutex_);
  expiries_ = std::move(content.expiries);
  revoked_ = std::move(content.revoked);
}

std::vector<TlsFiles::Expiry> TlsFiles::Expiries() const {
  const std::lock_guard lock(mutex_);
  return expiries_;
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
