// Sockets that listen on every address of a host name.

#ifndef MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_
#define MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// An IPv4 or IPv6 address with a port.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// host:port, with an IPv6 host in brackets.
std::string TextOf(const SocketAddress& address);
int PortOf(const SocketAddress& address);

// The address that `socket` is bound to. Its size is 0 if `socket` is not bound.
SocketAddress AddressOf(int socket);

// The address at the other end of `socket`. Its size is 0 if it is unknown, for example because the
// client has already gone.
SocketAddress PeerOf(int socket);

// The same, in the form of TextOf; empty if it is unknown.
std::string PeerTextOf(int socket);

// The addresses of `address`, host:port as above, each once. UNAVAILABLE if there are none.
absl::StatusOr<std::vector<SocketAddress>> ResolveAddress(const std::string& address);

// A socket for each of `addresses`, all on one port. If they have port 0, it is a port that is free
// on all of them. An address that this machine does not have is skipped if another one works: many
// machines without IPv6 still name ::1 localhost. Any other error is UNAVAILABLE, with the address:
// otherwise a client of the name would reach another program there, or nothing.
absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnAll(
    const std::vector<SocketAddress>& addresses);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_
