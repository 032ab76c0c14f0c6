// The HTTP library's thread that serves the HTTP port, and the connections that are added to it.

#ifndef MLP_SERVER_HTTP_PORT_DAEMON_H_
#define MLP_SERVER_HTTP_PORT_DAEMON_H_

#include <cstddef>
#include <functional>

#include "server/http/held_connections.h"
#include "server/http/http_handlers.h"
#include "server/http/open_sockets.h"
#include "server/http/port_answers.h"
#include "server/tls/http_tls.h"

struct MHD_Daemon;

namespace mlp {

// Start comes first, once. After that, one other thread may call Add; all other functions are
// thread-safe.
class PortDaemon final {
 public:
  // How much it serves at a time. The reasons are in HttpServer.
  struct Limits {
    unsigned connections;  // a quarter of the file descriptors if that is less
    std::size_t pages;     // as `most_pages` of PortAnswers
  };

  // `tls`: null for plaintext; it must outlive the daemon. Throws std::system_error if no thread
  // can be created.
  PortDaemon(HttpHandlers handlers, HttpTls* tls, const Limits& limits);

  // Ends the thread and closes all connections.
  ~PortDaemon();
  PortDaemon(const PortDaemon&) = delete;
  PortDaemon& operator=(const PortDaemon&) = delete;

  // Begins to serve. Call it once. Returns false if there are too few descriptors or threads.
  bool Start();

  // Takes ownership of `connection`. If too many are open, closes the oldest, and waits up to half
  // a second for its place.
  void Add(int connection);

  // Each shuts down connections, and counts them as CountClosed: those whose connection or request
  // has taken too long; the oldest.
  void CloseOverdue() { CountClosed(sockets_.CloseOverdue()); }
  void CloseOldest() { CountClosed(sockets_.CloseOldest()); }

  // Reports closed connections to the handler.
  void CountClosed(int connections) const {
    if (closed_ && connections > 0) closed_(connections);
  }

 private:
  bool TakesPlace(int connection, unsigned most);

  HttpTls* const tls_;
  const Limits limits_;
  const std::function<void(int)> closed_;
  OpenSockets sockets_;
  HeldConnections held_;
  PortAnswers answers_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_PORT_DAEMON_H_
