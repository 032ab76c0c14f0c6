// What the threads of the HTTP library share, for REST.

#ifndef MLP_SERVER_REST_HTTP_SHARED_H_
#define MLP_SERVER_REST_HTTP_SHARED_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/rest/client_disconnects.h"
#include "server/rest/connection_times.h"
#include "server/rest/rest_exchange.h"
#include "server/tls/http_tls.h"

namespace mlp {

// Time limits of a connection.
struct HttpTimes {
  std::chrono::seconds first_request;
  std::chrono::seconds next_request;
  std::chrono::seconds body;  // plus a second for every `body_bytes_per_second` bytes
  std::int64_t body_bytes_per_second;
  std::chrono::seconds answer;
};

// Thread-safe. All that it refers to must outlive it.
struct HttpShared {
  RestServices& services;
  ConnectionTimes& times;
  ClientDisconnects& disconnects;
  const HttpTimes limits;
  HttpTls* const tls;                 // null for plaintext
  std::atomic<bool> closing = false;  // connections are closed after their next answer
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_HTTP_SHARED_H_
