// One thread of the HTTP library, with the connections that are added to it.

#ifndef MLP_SERVER_REST_HTTP_DAEMON_H_
#define MLP_SERVER_REST_HTTP_DAEMON_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/rest/connection_times.h"
#include "server/rest/gone_clients.h"
#include "server/rest/rest_exchange.h"
#include "server/tls/http_tls.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace mlp {

// Time limits of a connection.
struct HttpTimes {
  std::chrono::seconds first_request;
  std::chrono::seconds next_request;
  std::chrono::seconds body;  // plus a second for every `body_bytes_per_second` bytes
  std::int64_t body_bytes_per_second;
  std::chrono::seconds answer;
};

// What all threads share.
struct HttpShared {
  RestServices& services;
  ConnectionTimes& times;
  GoneClients& gone;
  const HttpTimes limits;
  HttpTls* const tls;                 // null for plaintext
  std::atomic<bool> closing = false;  // connections are closed after their next answer
};

class HttpDaemon final {
 public:
  // Null if there are too few descriptors or threads. `shared` must outlive the daemon.
  static std::unique_ptr<HttpDaemon> Start(HttpShared& shared);

  // Ends the thread and closes all connections. None may be waiting for an answer.
  ~HttpDaemon();
  HttpDaemon(const HttpDaemon&) = delete;
  HttpDaemon& operator=(const HttpDaemon&) = delete;

  // Takes ownership of `connection`. Called from one other thread only, which bounds how many are
  // open.
  void Add(int connection);

 private:
  class Request;

  explicit HttpDaemon(HttpShared& shared) : shared_(shared) {}

  HttpShared& shared_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_HTTP_DAEMON_H_
