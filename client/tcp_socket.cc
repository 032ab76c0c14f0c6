#include "client/tcp_socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

struct HostAndPort {
  std::string host;
  std::string port;
};

HostAndPort SplitAddress(absl::string_view address) {
  // "dns:53" is a host called dns.
  for (const absl::string_view scheme : {"ipv4:", "ipv6:", "dns:"}) {
    if (address.rfind(':') >= scheme.size()) absl::ConsumePrefix(&address, scheme);
  }
  absl::ConsumePrefix(&address, "///");
  const std::size_t colon = address.rfind(':');
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return {std::string(host),
          colon == absl::string_view::npos ? "443" : std::string(address.substr(colon + 1))};
}

bool ConnectTo(int socket, const sockaddr* to, socklen_t size, std::chrono::milliseconds patience) {
  timeval time{};
  time.tv_sec = patience.count() / 1000;
  time.tv_usec = patience.count() % 1000 * 1000;
  // On Linux, the send timeout also limits connect().
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  return connect(socket, to, size) == 0;
}

int ConnectToPath(absl::string_view path, std::chrono::milliseconds patience) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof(to.sun_path)) return -1;
  std::memcpy(to.sun_path, path.data(), path.size());
  const int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0 ||
      ConnectTo(number, reinterpret_cast<const sockaddr*>(&to), sizeof(to), patience)) {
    return number;
  }
  close(number);
  return -1;
}

}  // namespace

TcpSocket TcpSocket::Connect(absl::string_view address, std::chrono::milliseconds patience) {
  if (absl::ConsumePrefix(&address, "unix:")) {
    absl::ConsumePrefix(&address, "//");
    return TcpSocket(ConnectToPath(address, patience));
  }
  const HostAndPort to = SplitAddress(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) return TcpSocket(-1);
  int number = -1;
  for (const addrinfo* one = found; one != nullptr && number < 0; one = one->ai_next) {
    const int next = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (next < 0) continue;
    if (ConnectTo(next, one->ai_addr, one->ai_addrlen, patience)) {
      number = next;
    } else {
      close(next);
    }
  }
  freeaddrinfo(found);
  return TcpSocket(number);
}

TcpSocket::~TcpSocket() {
  if (number_ >= 0) close(number_);
}

std::string HostOf(absl::string_view address) {
  if (absl::StartsWith(address, "unix")) return "localhost";
  return SplitAddress(address).host;
}

}  // namespace mlp
