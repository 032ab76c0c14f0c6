// Keeps the server's connections private and its calls to those who may make them: reads the
// certificates and the callers, reads them again when their files change, and shows how that goes.

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
  // file, where one is wrong. The metrics and the log must outlive this, and what it shows of
  // itself is gone with it: no page may be written then.
  static absl::StatusOr<std::unique_ptr<Security>> Start(const SecurityOptions& options,
                                                         Metrics& metrics, spdlog::logger& log);
  ~Security();
  Security(const Security&) = delete;
  Security& operator=(const Security&) = delete;

  CallGate& gate() { return *gate_; }

  // Of gRPC's connections; null for plaintext.
  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

  // Of the HTTP port and REST; null for plaintext.
  HttpTls* http_tls() const { return http_tls_.get(); }

  // Lines about what is open at these addresses; warnings where other machines reach it.
  void LogWhoMayCall(const std::string& grpc_address, const std::string& http_address) const;

 private:
  // How often new files were taken over or refused, and how it ended last.
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
  // Takes files over that have changed; `whose` stands in the log behind "TLS".
  void LookAtTls(TlsFiles& files, const char* whose, Reloads& reloads);
  // Admits callers by `list` from now on; warns of lines in it that can fit no caller.
  void TakeCallers(const std::shared_ptr<const AccessList>& list);
  void Show(Metrics& metrics);
  // Whether nobody is asked who they are, by certificate or by token.
  bool IsOpenToAll() const;
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void LookAtFiles();
  // Logs once for each file that it has expired in use; `whose` as above.
  void TellOfExpiries(const TlsFiles& files, const char* whose, absl::Time now);

  const SecurityOptions options_;
  spdlog::logger& log_;
  HandshakeFailures failures_;
  Access access_;
  const std::shared_ptr<spdlog::logger> audit_logger_;
  AuditLog audit_;
  std::optional<CallGate> gate_;
  std::unique_ptr<TlsFiles> tls_;         // null without TLS of gRPC's
  std::unique_ptr<TlsFiles> http_files_;  // null where HTTP has none of its own
  std::unique_ptr<HttpTls> http_tls_;     // null without TLS of HTTP's
  std::optional<AccessFile> callers_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::set<std::string> told_expired_;  // the files of which the log has said so
  Reloads tls_reloads_;
  Reloads http_tls_reloads_;  // of the files that HTTP has of its own
  Reloads callers_reloads_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SECURITY_H_
