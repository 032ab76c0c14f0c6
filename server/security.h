// The server's TLS and access control. Reads the certificates and the access list, reads them again
// when their files change, and shows in metrics how that goes.

#ifndef MLP_SERVER_SECURITY_H_
#define MLP_SERVER_SECURITY_H_

#include <grpcpp/security/server_credentials.h>
#include <spdlog/logger.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/access/access.h"
#include "server/access/access_file.h"
#include "server/access/audit_log.h"
#include "server/access/call_gate.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "server/options/security_options.h"
#include "server/tls/handshake_failure.h"
#include "server/tls/http_tls.h"
#include "server/tls/tls_files.h"

namespace mlp {

class Security final {
 public:
  // Reads all files. INVALID_ARGUMENT, NOT_FOUND or PERMISSION_DENIED, with the option and the
  // file, if one is invalid. `metrics` and `log` must outlive this object. Its metrics read this
  // object, so no page of metrics may be written after it is destroyed.
  static absl::StatusOr<std::unique_ptr<Security>> Start(const SecurityOptions& options,
                                                         Metrics& metrics, spdlog::logger& log);
  ~Security();
  Security(const Security&) = delete;
  Security& operator=(const Security&) = delete;

  CallGate& gate() { return *gate_; }

  // For gRPC's connections; null for plaintext.
  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

  // For the HTTP port and REST; null for plaintext.
  HttpTls* http_tls() const { return http_tls_.get(); }

  // Logs what is open to all at these addresses, as warnings if other machines can reach them.
  void LogWhoMayCall(const std::string& grpc_address, const std::string& http_address) const;

 private:
  // How often new files were taken over or refused, and whether the last reload succeeded.
  struct Reloads {
    std::atomic<std::int64_t> taken_over = 0;
    std::atomic<std::int64_t> refused = 0;
    std::atomic<bool> last_succeeded = true;
    void Count(bool taken) {
      (taken ? taken_over : refused).fetch_add(1);
      last_succeeded = taken;
    }
  };

  Security(const SecurityOptions& options, spdlog::logger& log)
      : options_(options),
        log_(log),
        access_(options.plaintext_tokens, !options.tls_client_authorities.empty()),
        audit_logger_(LoggerOfAllLevels(log)),
        audit_(*audit_logger_) {}

  absl::Status ReadFiles();
  // Takes over files that have changed. `whose` follows "TLS" in the log.
  void ReadTlsIfDue(TlsFiles& files, const char* whose, Reloads& reloads);
  // From now on, admits callers by `list`. Warns of lines that can match no caller.
  void TakeCallers(const std::shared_ptr<const AccessList>& list);
  void Show(Metrics& metrics);
  // Whether clients need neither a certificate nor a token.
  bool IsOpenToAll() const;
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadFilesIfDue();
  // Logs, once for each file, that it has expired in use. `whose` as above.
  void LogExpiries(const TlsFiles& files, const char* whose, absl::Time now);

  const SecurityOptions options_;
  spdlog::logger& log_;
  HandshakeFailures failures_;
  Access access_;
  const std::shared_ptr<spdlog::logger> audit_logger_;
  AuditLog audit_;
  std::optional<CallGate> gate_;
  std::unique_ptr<TlsFiles> tls_;         // null if gRPC has no TLS
  std::unique_ptr<TlsFiles> http_files_;  // null if HTTP has no separate files
  std::unique_ptr<HttpTls> http_tls_;     // null if HTTP has no TLS
  std::optional<AccessFile> callers_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::set<std::string> logged_expired_;  // files whose expiry has been logged
  Reloads tls_reloads_;
  Reloads http_tls_reloads_;  // of HTTP's separate files
  Reloads callers_reloads_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SECURITY_H_
