// TLS for the HTTP library's connections: its settings, the certificate shown, and the number of
// failed handshakes.

#ifndef MLP_SERVER_TLS_HTTP_TLS_H_
#define MLP_SERVER_TLS_HTTP_TLS_H_

#include <atomic>
#include <climits>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/tls/http_identity.h"

struct MHD_Connection;
struct MHD_OptionItem;

namespace mlp {

// Thread-safe. It must outlive the daemons that use it.
class HttpTls final {
 public:
  explicit HttpTls(std::shared_ptr<const HttpIdentity> identity);
  HttpTls(const HttpTls&) = delete;
  HttpTls& operator=(const HttpTls&) = delete;

  // New handshakes show `identity` from now on. Handshakes under way keep the one they were given.
  void Take(std::shared_ptr<const HttpIdentity> identity) ABSL_LOCKS_EXCLUDED(mutex_);

  // Handshakes that began but failed, or that the client aborted.
  std::int64_t failed_handshakes() const { return failed_.load(); }

  // The members below set up a daemon of the HTTP library. `tls` is null for plaintext.

  // For MHD_OPTION_CONNECTION_LIMIT: the code that adds connections bounds them instead. If version
  // 0.9.75 reaches its own limit on its own thread, it never releases a mutex
  // (new_connection_process_), and that thread hangs.
  static constexpr unsigned kNoConnectionLimit = INT_MAX;

  // Flags to add to the daemon's own: how it waits for events, and TLS.
  static unsigned DaemonFlags(const HttpTls* tls);

  // The value of MHD_OPTION_ARRAY, which must be the daemon's first option.
  static std::vector<MHD_OptionItem> DaemonOptions(HttpTls* tls);

  // Call them when a connection begins and after it has ended, with the connection's own context
  // (MHD_OPTION_NOTIFY_CONNECTION). Begin may throw std::bad_alloc; then no handshake on the
  // connection succeeds.
  static void Begin(HttpTls* tls, MHD_Connection* connection, void** context);
  static void End(void** context);

 private:
  class Session;

  std::shared_ptr<const HttpIdentity> Current() const ABSL_LOCKS_EXCLUDED(mutex_);

  std::atomic<std::int64_t> failed_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const HttpIdentity> identity_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_HTTP_TLS_H_
