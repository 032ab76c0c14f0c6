// TLS of the HTTP library's connections: what they speak, what they show, and how often a handshake
// fails.

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

// Thread-safe. It must outlive the daemons that it is given to.
class HttpTls final {
 public:
  explicit HttpTls(std::shared_ptr<const HttpIdentity> identity);
  HttpTls(const HttpTls&) = delete;
  HttpTls& operator=(const HttpTls&) = delete;

  // Handshakes show `identity` from now on; those under way go on with what they were given.
  void Take(std::shared_ptr<const HttpIdentity> identity) ABSL_LOCKS_EXCLUDED(mutex_);

  // Handshakes that began and failed, or that the client broke off.
  std::int64_t failed_handshakes() const { return failed_.load(); }

  // The following are for whoever has a daemon of the HTTP library; `tls` is null for plaintext.

  // MHD_OPTION_CONNECTION_LIMIT. Whoever adds connections bounds them: where version 0.9.75 reaches
  // its own limit on its own thread, it keeps a mutex for ever (new_connection_process_), and its
  // thread never goes on.
  static constexpr unsigned kNoConnectionLimit = INT_MAX;

  // Flags beside the daemon's own: how it waits for events, and TLS.
  static unsigned DaemonFlags(const HttpTls* tls);

  // What MHD_OPTION_ARRAY takes. It has to be the daemon's first option.
  static std::vector<MHD_OptionItem> DaemonOptions(HttpTls* tls);

  // To be called as a connection begins, and as it has ended, with the connection's own context
  // (MHD_OPTION_NOTIFY_CONNECTION). Begin throws std::bad_alloc; then no handshake succeeds.
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
