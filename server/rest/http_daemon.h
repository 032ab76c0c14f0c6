// One thread of the HTTP library, with the connections that are added to it.

#ifndef MLP_SERVER_REST_HTTP_DAEMON_H_
#define MLP_SERVER_REST_HTTP_DAEMON_H_

#include <memory>

#include "server/rest/http_shared.h"

struct MHD_Daemon;

namespace mlp {

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
  explicit HttpDaemon(HttpShared& shared) : shared_(shared) {}

  HttpShared& shared_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_HTTP_DAEMON_H_
