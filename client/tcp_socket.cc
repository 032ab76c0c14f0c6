#include "client/tcp_socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

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

// None if nobody answers.
FileDescriptor ConnectToPath(absl::string_view path, std::chrono::milliseconds patience) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof(to.sun_path)) return FileDescriptor();
  std::memcpy(to.sun_path, path.data(), path.size());
  FileDescriptor descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!ConnectTo(descriptor.number(), reinterpret_cast<const sockaddr*>(&to), sizeof(to),
                 patience)) {
    return FileDescriptor();
  }
  return descriptor;
}

// To the first of the addresses that answers.
FileDescriptor ConnectToOne(const addrinfo* addresses, std::chrono::milliseconds patience) {
  for (const addrinfo* address = addresses; address != nullptr; address = address->ai_next) {
    FileDescriptor descriptor(socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (ConnectTo(descriptor.number(), address->ai_addr, address->ai_addrlen, patience)) {
      return descriptor;
    }
  }
  return FileDescriptor();
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
  if (getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) {
    return TcpSocket(FileDescriptor());
  }
  TcpSocket connection(ConnectToOne(found, patience));
  freeaddrinfo(found);
  return connection;
}

std::string HostOf(absl::string_view address) {
  if (absl::StartsWith(address, "unix")) return "localhost";
  return SplitAddress(address).host;
}

}  // namespace mlp
