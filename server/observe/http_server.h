// The HTTP side: /live, /ready and /metrics, for probes and for Prometheus.

#ifndef MLP_SERVER_OBSERVE_HTTP_SERVER_H_
#define MLP_SERVER_OBSERVE_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct mg_context;

namespace mlp {

// What the paths answer. Called from the server's own threads, several at a time.
struct HttpHandlers {
  std::function<bool()> ready;           // 200 or 503 at /ready
  std::function<std::string()> metrics;  // Prometheus' text format, at /metrics
};

// Serves from construction to destruction.
class HttpServer final {
 public:
  // Listens on `address`, host:port with a numeric host; port 0 picks a free one. UNAVAILABLE where
  // the address cannot be had, INVALID_ARGUMENT where it is none.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address,
                                                           HttpHandlers handlers);
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }

 private:
  explicit HttpServer(HttpHandlers handlers);

  HttpHandlers handlers_;
  mg_context* context_ = nullptr;
  int port_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_HTTP_SERVER_H_
