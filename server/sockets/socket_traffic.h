// The traffic of a TCP connection, as the kernel counts it.

#ifndef MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_
#define MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_

#include <cstdint>
#include <optional>

namespace mlp {

// In bytes.
struct SocketTraffic {
  std::uint64_t sent = 0;  // by this side, each byte once
  // Received and read by this side. A lower bound; exact if nothing arrives during the measurement.
  std::uint64_t read = 0;
};

// nullopt if the kernel does not tell, for example because `connection` is not TCP.
std::optional<SocketTraffic> SocketTrafficOf(int connection);

}  // namespace mlp

#endif  // MLP_SERVER_SOCKETS_SOCKET_TRAFFIC_H_
