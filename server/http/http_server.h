// The HTTP port: /live, /ready and /metrics for probes and Prometheus, and pages for people.
//
// One thread serves all connections by events, so a silent or slow client costs a connection but
// blocks no thread. Another thread writes /metrics and the pages, so they do not delay probes.

#ifndef MLP_SERVER_HTTP_HTTP_SERVER_H_
#define MLP_SERVER_HTTP_HTTP_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/http/http_handlers.h"
#include "server/sockets/listener.h"
#include "server/tls/http_tls.h"

namespace mlp {

class PortDaemon;

// Serves from construction to destruction.
class HttpServer final {
 public:
  // The most open connections; a quarter of the file descriptors if that is less. When nearly that
  // many are open, the oldest is closed to make room for the next. If connections arrive faster
  // than the serving thread takes them, they wait in the listener's backlog. A connection that has
  // waited half a second for the serving thread is closed. A connection takes 40 KiB with TLS, and
  // 8 KiB without.
  static constexpr unsigned kMaxConnections = 4096;
  static constexpr unsigned kMaxTlsConnections = 1024;

  // When this many answers of /metrics and pages are being sent, each new request breaks off the
  // answer that has been sent for longest, and for at least a second. When twice as many are being
  // written or sent, new requests get 503.
  static constexpr int kMaxPages = 16;

  // Listens on `address`: host:port, with an IPv6 host in brackets and port 0 for a free port.
  // UNAVAILABLE if it cannot listen there, or lacks descriptors, threads or memory. `tls`: null for
  // plaintext.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address,
                                                           HttpHandlers handlers,
                                                           HttpTls* tls = nullptr);
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return listener_->port(); }
  // As Listener::addresses.
  std::string addresses() const { return listener_->addresses(); }

 private:
  HttpServer(std::unique_ptr<Listener> listener, std::unique_ptr<PortDaemon> daemon);

  // The listener is destroyed first, because it hands connections to the daemon.
  std::unique_ptr<PortDaemon> daemon_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HTTP_SERVER_H_
