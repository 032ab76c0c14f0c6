// What has gone over a TCP connection, as the kernel counts it.

#ifndef MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_
#define MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_

#include <cstdint>
#include <optional>

namespace mlp {

// In bytes.
struct SocketTraffic {
  std::uint64_t sent = 0;  // by this side, each byte once
  // By this side, of what has come: as much at least, and exactly as much where nothing comes
  // meanwhile.
  std::uint64_t read = 0;
};

// Nothing where the kernel does not say, as of what is no TCP.
std::optional<SocketTraffic> SocketTrafficOf(int connection);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_
