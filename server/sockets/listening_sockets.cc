#include "server/sockets/listening_sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Connections that the kernel queues until they are accepted; it clamps this to its own limit.
constexpr int kBacklog = 4096;

// How many ports are tried that turn out to be free on the first address only.
constexpr int kMaxPorts = 64;

struct AddressInfoDeleter {
  void operator()(addrinfo* info) const { freeaddrinfo(info); }
};

void SetPort(int port, SocketAddress& address) {
  const in_port_t value = htons(static_cast<std::uint16_t>(port));
  if (address.storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = value;
  } else {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = value;
  }
}

// A socket that listens on `address`, or none with an error in errno.
OwnedDescriptor ListenOn(const SocketAddress& address, bool is_only_one) {
  OwnedDescriptor listening(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (listening.get() < 0) return OwnedDescriptor();
  const int on = 1;
  // A restart then need not wait until the kernel forgets the connections of the last run. Two
  // servers still cannot share the port.
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Accepted connections inherit this.
  setsockopt(listening.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // The unspecified IPv6 address takes IPv4 too, if it is the only address. A name with addresses
  // of both kinds has a socket for each.
  if (address.storage.ss_family == AF_INET6) {
    const auto& of_ipv6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    const int only = is_only_one && IN6_IS_ADDR_UNSPECIFIED(&of_ipv6.sin6_addr) ? 0 : 1;
    setsockopt(listening.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
  }
  if (bind(listening.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) !=
          0 ||
      listen(listening.get(), kBacklog) != 0) {
    const int error = errno;
    listening = OwnedDescriptor();
    errno = error;
  }
  return listening;
}

bool IsNotOfThisMachine(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

std::string WhyNot(int error) {
  switch (error) {
    case EADDRINUSE:
      return "is in use";
    case EACCES:
      return "is denied to this process: ports below 1024 need a privilege";
    case EMFILE:
    case ENFILE:
      return "failed: no file descriptor is left";
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
      return "is not an address of this host";
    default:
      return absl::StrCat("failed: system error ", error);
  }
}

// Like ListenOnAll, on the port that the addresses have or, for port 0, that the first address
// picks. Sets `is_port_taken` if another address cannot have the picked port.
absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnce(std::vector<SocketAddress> addresses,
                                                        bool& is_port_taken) {
  std::vector<OwnedDescriptor> sockets;
  std::string missing;
  for (SocketAddress& address : addresses) {
    const bool follows = !sockets.empty() && PortOf(address) == 0;
    if (follows) SetPort(PortOf(AddressOf(sockets.front().get())), address);
    OwnedDescriptor listening = ListenOn(address, addresses.size() == 1);
    const int error = errno;
    if (listening.get() >= 0) {
      sockets.push_back(std::move(listening));
      continue;
    }
    std::string why = absl::StrCat(TextOf(address), " ", WhyNot(error));
    if (!IsNotOfThisMachine(error)) {
      is_port_taken = follows && error == EADDRINUSE;
      return absl::UnavailableError(why);
    }
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", why);
  }
  if (sockets.empty()) return absl::UnavailableError(missing);
  return sockets;
}

}  // namespace

std::string TextOf(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_ipv6 = address.storage.ss_family == AF_INET6;
  const void* const bytes =
      is_ipv6 ? static_cast<const void*>(
                    &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr)
              : &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr;
  inet_ntop(address.storage.ss_family, bytes, text.data(), text.size());
  return absl::StrCat(is_ipv6 ? "[" : "", text.data(), is_ipv6 ? "]:" : ":", PortOf(address));
}

int PortOf(const SocketAddress& address) {
  return ntohs(address.storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
}

SocketAddress PeerOf(int socket) {
  SocketAddress address;
  socklen_t size = sizeof(address.storage);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address.storage), &size) == 0) {
    address.size = size;
  }
  return address;
}

std::string PeerTextOf(int socket) {
  const SocketAddress address = PeerOf(socket);
  return address.size == 0 ? "" : TextOf(address);
}

SocketAddress AddressOf(int socket) {
  SocketAddress address;
  socklen_t size = sizeof(address.storage);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &size) == 0) {
    address.size = size;
  }
  return address;
}

absl::StatusOr<std::vector<SocketAddress>> ResolveAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  // Without a port, any free one would be taken.
  if (port.empty()) return absl::UnavailableError("it has no port");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("its host has no address: ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, AddressInfoDeleter> all(found);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = all.get(); info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    SocketAddress resolved;
    resolved.size = info->ai_addrlen;
    std::memcpy(&resolved.storage, info->ai_addr, info->ai_addrlen);
    // The hosts file may list an address twice.
    const bool is_known = std::any_of(
        addresses.begin(), addresses.end(),
        [&resolved](const SocketAddress& other) { return TextOf(resolved) == TextOf(other); });
    if (!is_known) addresses.push_back(resolved);
  }
  if (addresses.empty()) return absl::UnavailableError("its host has no IPv4 or IPv6 address");
  return addresses;
}

absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnAll(
    const std::vector<SocketAddress>& addresses) {
  for (int tries = 1;; ++tries) {
    bool is_port_taken = false;
    absl::StatusOr<std::vector<OwnedDescriptor>> sockets = ListenOnce(addresses, is_port_taken);
    if (!is_port_taken || tries == kMaxPorts) return sockets;
  }
}

}  // namespace mlp
