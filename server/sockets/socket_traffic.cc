#include "server/sockets/socket_traffic.h"

// The kernel's own header: the C library's lacks the latter half of tcp_info, and the two exclude
// each other.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace mlp {
namespace {

// Bytes may arrive during a measurement, but not during every one.
constexpr int kMaxTries = 16;

bool InfoOf(int connection, tcp_info& info) {
  socklen_t size = sizeof(info);
  return getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         size >= offsetof(tcp_info, tcpi_bytes_retrans) + sizeof(info.tcpi_bytes_retrans);
}

}  // namespace

std::optional<SocketTraffic> SocketTrafficOf(int connection) {
  tcp_info info{};
  if (!InfoOf(connection, info)) return std::nullopt;
  std::uint64_t read = 0;
  for (int i = 0; i < kMaxTries; ++i) {
    // Bytes that arrive between the two system calls are unread, but not yet counted as received.
    const std::uint64_t received = info.tcpi_bytes_received;
    int unread = 0;
    if (ioctl(connection, FIONREAD, &unread) != 0 || !InfoOf(connection, info)) return std::nullopt;
    const auto left = static_cast<std::uint64_t>(unread);
    read = received > left ? received - left : 0;
    if (info.tcpi_bytes_received == received) break;
  }
  return SocketTraffic{info.tcpi_bytes_sent - info.tcpi_bytes_retrans, read};
}

}  // namespace mlp
