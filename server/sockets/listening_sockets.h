// Sockets that listen on every address that a name has.

#ifndef MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_
#define MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_

#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Of IPv4 or IPv6, with a port.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// host:port, with an IPv6 host in brackets.
std::string TextOf(const SocketAddress& address);
int PortOf(const SocketAddress& address);

// The address that `socket` is bound to; of size 0 where it is bound to none.
SocketAddress AddressOf(int socket);

// The address at the other end of `socket`, as TextOf has it; empty where it is not known.
std::string PeerTextOf(int socket);

// The addresses that `address` has, host:port as above, each once. UNAVAILABLE where it has none.
absl::StatusOr<std::vector<SocketAddress>> ResolveAddress(const std::string& address);

// A socket for each of `addresses`, on one port: where they have port 0, a free one that all of
// them can have. An address that this machine does not have is passed over if it has another one:
// many name ::1 localhost on machines without IPv6. UNAVAILABLE, with the address, where one cannot
// be had for another reason: a client of the name would meet whoever else listens there, or nobody.
absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnAll(
    const std::vector<SocketAddress>& addresses);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_LISTENING_SOCKETS_H_
