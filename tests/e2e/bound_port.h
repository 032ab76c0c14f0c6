// A port of this machine's loopback that a test has for itself.

#ifndef MLP_TESTS_E2E_BOUND_PORT_H_
#define MLP_TESTS_E2E_BOUND_PORT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mlp {

// Whether anything listens on the port.
enum class PortUse {
  kListens,  // nobody else can have the port
  kKept,     // a server that is told this port can have it; nobody who asks for any port gets it
};

// A free port, as long as this object lives.
class BoundPort final {
 public:
  explicit BoundPort(PortUse use) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = use == PortUse::kKept ? 1 : 0;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, generic, size) == 0 && (use == PortUse::kKept || listen(socket_, 1) == 0) &&
        getsockname(socket_, generic, &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~BoundPort() { close(socket_); }
  BoundPort(const BoundPort&) = delete;
  BoundPort& operator=(const BoundPort&) = delete;

  // 0 if the system had none.
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace mlp

#endif  // MLP_TESTS_E2E_BOUND_PORT_H_
