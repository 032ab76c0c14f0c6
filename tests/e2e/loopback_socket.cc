#include "tests/e2e/loopback_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>

namespace mlp {

int ConnectToLoopback(int port, int from) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (from != 1) {
    address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00) + static_cast<unsigned>(from));
    bind(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    return connection;
  }
  close(connection);
  return -1;
}

bool DrainSocket(int socket) {
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) continue;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
}

bool IsClosedByPeer(int socket, int patience_ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd event{socket, POLLIN, 0};
    if (poll(&event, 1, static_cast<int>(left.count())) > 0 && !DrainSocket(socket)) return true;
  }
}

}  // namespace mlp
