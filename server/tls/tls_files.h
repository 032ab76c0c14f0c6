// The server's certificate and key, and the authorities and revocation lists that clients'
// certificates are checked against. They are read from files, checked, and replaced together when
// the files change. If one fails its check, all stay as they were.

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
  std::string certificate;         // in PEM: the server's own, then the rest of its chain
  std::string key;                 // in PEM; not readable by every user
  std::string client_authorities;  // empty: clients are not asked for a certificate
  std::string revocation_lists;    // empty: none
  bool for_grpc = true;            // gRPC reads the copies by their paths
  bool for_http = false;           // HTTP gets http_identity()
  // The options that name the first two, for messages.
  const char* certificate_option = "--tls-cert";
  const char* key_option = "--tls-key";
};

class TlsFiles final {
 public:
  static constexpr std::int64_t kMaxBytes = std::int64_t{1} << 20;  // for each file

  // Reads all files. INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED, with the file's option and
  // path, if one is invalid (server_identity.h, revocation_lists.h), cannot be read, or lets every
  // user read a private key.
  static absl::StatusOr<std::unique_ptr<TlsFiles>> Read(TlsPaths paths, absl::Time now);

  // The result of ReadIfDue.
  struct ReadResult {
    bool changed = false;  // the files were read, and they or the result are new
    absl::Status status;   // why the new files are not in use
  };

  // Reads the files if they are due (ReadSchedule), and takes over all of them or none. A chain or
  // revocation lists that have not changed may be out of date. For one thread.
  ReadResult ReadIfDue(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // The paths of the checked copies that gRPC reads: of the key and chain, and of the authorities.
  std::string identity_path() const { return copies_.identity->path(); }
  std::string authorities_path() const { return copies_.authorities->path(); }

  struct Expiry {
    std::string file;  // "certificate", "client_authorities" or "revocation_lists"
    absl::Time not_after;
  };
  std::vector<Expiry> Expiries() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The same key and chain for HTTP; null without `for_http`.
  std::shared_ptr<const HttpIdentity> http_identity() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether a client's verified certificate has been revoked. Thread-safe.
  bool Revoked(absl::string_view certificate_pem) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Content;
  using Stamps = std::array<FileStamp, 4>;

  // The texts in use. If a text is the same when it is read again, its dates are not checked: a
  // text that goes out of date in use must not keep the other files from being taken over.
  struct InUse {
    std::string chain;
    std::string lists;
  };

  // What gRPC reads.
  struct Copies {
    std::optional<MemoryFile> identity;     // if `for_grpc`
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
