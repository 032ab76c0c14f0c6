// The HTTP side: /live, /ready and /metrics, for probes and for Prometheus, and pages for people.
//
// One thread serves all connections by events, so that a client that is silent or slow costs a
// connection and nobody's time; /metrics and pages are written on another, so that they keep no
// probe waiting.

#ifndef MLP_SERVER_HTTP_HTTP_SERVER_H_
#define MLP_SERVER_HTTP_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/http/http_page.h"
#include "server/http/metrics_format.h"
#include "server/sockets/listener.h"
#include "server/tls/http_tls.h"

namespace mlp {

// Who asks for metrics or a page.
struct HttpCaller {
  absl::string_view path;                             // percent-decoded
  absl::Span<const absl::string_view> authorization;  // values of the header of that name
  absl::string_view from;                             // the client's address
};

// What comes of it.
enum class HttpAdmission {
  kGranted,
  kUnknownCaller,  // 401
  kDenied,         // 403
  kUndecided,      // 503: for want of memory
};

// What the paths answer.
struct HttpHandlers {
  std::function<bool()> ready;  // 200 or 503 at /ready; called on the serving thread
  // At /metrics, in the format that the request's Accept asks for; called on another thread.
  std::function<std::string(MetricsFormat)> metrics;
  // Answers /, /status.json and what begins with /models/, on the same thread as the metrics. May
  // be empty: these are then 404.
  std::function<HttpPage(const PageTarget&)> page;
  // Decides on each request for metrics and pages, on the serving thread. May be empty: all are
  // let in. /live and /ready are for everybody.
  std::function<HttpAdmission(const HttpCaller&)> admit;
  // Called with a number of connections that the server has closed before their clients did: for
  // want of room, of time or of a descriptor; on any thread. May be empty.
  std::function<void(int)> closed;
};

// Serves from construction to destruction.
class HttpServer final {
 public:
  // The most connections at once, or a quarter of the file descriptors if that is less. When nearly
  // so many are open, the oldest gives way to the next. If connections come faster than the serving
  // thread takes them, they wait in the listener's backlog; one that has waited half a second for
  // the serving thread is closed. A connection takes 40 KiB with TLS, and 8 KiB without.
  static constexpr unsigned kMostConnections = 4096;
  static constexpr unsigned kMostTlsConnections = 1024;

  // Answers of /metrics and pages that are written or sent at once. Beyond it, the one that has
  // been sent for longest, and for a second at least, is broken off for each new one; beyond twice
  // it, 503.
  static constexpr int kMostPages = 16;

  // Listens on `address`, host:port, with an IPv6 host in brackets and port 0 for a free one.
  // UNAVAILABLE where the address cannot be had. `tls`: null for plaintext.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address,
                                                           HttpHandlers handlers,
                                                           HttpTls* tls = nullptr);
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return listener_->port(); }
  // As Listener has them.
  std::string addresses() const { return listener_->addresses(); }

 private:
  class Daemon;

  HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<Daemon> daemon);

  // The listener goes first: it hands connections to the daemon.
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HTTP_SERVER_H_
