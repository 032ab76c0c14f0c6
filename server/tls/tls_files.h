// The certificate, the key and what clients' certificates are checked by: read from files, checked,
// and taken over together when the files change. What does not pass leaves everything as it was.

#ifndef MLP_SERVER_TLS_TLS_FILES_H_
#define MLP_SERVER_TLS_TLS_FILES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/file_stamp.h"
#include "server/tls/memory_file.h"
#include "server/tls/revocation_lists.h"
#include "server/tls/server_identity.h"

namespace mlp {

class HttpIdentity;

struct TlsPaths {
  std::string certificate;         // the server's own and the chain behind it, in PEM
  std::string key;                 // that only the server's user may read
  std::string client_authorities;  // empty: clients show no certificate
  std::string revocation_lists;    // empty: none
  bool for_grpc = true;            // which then reads the copies by their paths
  bool for_http = false;           // which then gets http_identity()
  // Where the first two come from, for messages.
  const char* certificate_option = "--tls-cert";
  const char* key_option = "--tls-key";
};

class TlsFiles final {
 public:
  static constexpr std::int64_t kMostBytes = std::int64_t{1} << 20;  // of a file

  // Reads all files. INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED, with the file's option and
  // path, where one is wrong (server_identity.h, revocation_lists.h), cannot be read, or everybody
  // may read the key.
  static absl::StatusOr<std::unique_ptr<TlsFiles>> Read(TlsPaths paths, absl::Time now);

  // The result of a look.
  struct Look {
    bool changed = false;  // the files were read, with another result than before
    absl::Status status;   // why they were not taken over
  };

  // Reads the files if that is due (ReadSchedule), and takes all of them over or none. A chain or
  // revocation lists that stay the same may be out of date. For one thread.
  Look LookAt(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Where gRPC reads the key and the chain, and the authorities: copies that were checked.
  std::string identity_path() const { return copies_.identity->path(); }
  std::string authorities_path() const { return copies_.authorities->path(); }

  struct Expiry {
    std::string file;  // "certificate", "client_authorities" or "revocation_lists"
    absl::Time not_after;
  };
  std::vector<Expiry> Expiries() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The same key and chain for HTTP; null where they are not for it.
  std::shared_ptr<const HttpIdentity> http_identity() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether a client's verified certificate was revoked. Thread-safe.
  bool Revoked(absl::string_view certificate_pem) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Content;
  using Stamps = std::array<FileStamp, 4>;

  // Texts that were taken over. Read again, they may be out of date: the check of the dates then
  // must not keep the other files from being taken over.
  struct InUse {
    std::string chain;
    std::string lists;
  };

  // What gRPC reads.
  struct Copies {
    std::optional<MemoryFile> identity;     // if the files are for gRPC
    std::optional<MemoryFile> authorities;  // if there are any
  };

  explicit TlsFiles(TlsPaths paths) : paths_(std::move(paths)) {}

  static absl::StatusOr<Content> ReadContent(const TlsPaths& paths, const InUse& in_use,
                                             absl::Time now);
  static absl::StatusOr<Copies> CopyOf(const TlsPaths& paths, const Content& content);
  Stamps StampsNow() const;
  absl::Status TakeOver(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(Content content) ABSL_LOCKS_EXCLUDED(mutex_);

  const TlsPaths paths_;
  Copies copies_;
  ReadSchedule<Stamps> schedule_;
  InUse in_use_;

  mutable std::mutex mutex_;
  std::vector<Expiry> expiries_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const RevocationLists> revoked_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const HttpIdentity> http_identity_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_TLS_FILES_H_
