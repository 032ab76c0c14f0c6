#include "server/sockets/socket_traffic.h"

// The kernel's own header: the C library's lacks the latter half of tcp_info, and excludes this
// one.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace mlp {

std::optional<SocketTraffic> SocketTrafficOf(int connection) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  int unread = 0;
  if (ioctl(connection, FIONREAD, &unread) != 0 ||
      getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_bytes_retrans) + sizeof(info.tcpi_bytes_retrans)) {
    return std::nullopt;
  }
  return SocketTraffic{info.tcpi_bytes_sent - info.tcpi_bytes_retrans,
                       info.tcpi_bytes_received - static_cast<std::uint64_t>(unread)};
}

}  // namespace mlp
