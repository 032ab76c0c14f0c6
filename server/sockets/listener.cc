#include "server/sockets/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// Connections that the kernel keeps until they are accepted; it cuts this down to its own limit.
constexpr int kBacklog = 4096;

// How long accepting rests where the machine or the process has run out of something.
constexpr int kRestMilliseconds = 20;

// How long it takes at the most until a descriptor that was given up is taken back.
constexpr int kRefillMilliseconds = 200;

constexpr std::chrono::milliseconds kHalfASecond{500};

// Connections accepted in a row, so that a flood of them does not keep the rest waiting.
constexpr int kAcceptedInARow = 256;

// Of all descriptors, one in so many is left free at most.
constexpr std::size_t kLargestShareLeft = 8;

struct AddressInfoDeleter {
  void operator()(addrinfo* info) const { freeaddrinfo(info); }
};

OwnedDescriptor OpenNothing() { return OwnedDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// A socket that listens on `info`, or none.
OwnedDescriptor ListenOn(const addrinfo& info) {
  OwnedDescriptor listening(
      socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (listening.get() < 0) return OwnedDescriptor();
  const int on = 1;
  // So that a restart does not wait for the connections of the last run to be forgotten. Two
  // servers still cannot share the port.
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Connections have it from the listener.
  setsockopt(listening.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // The address of all takes IPv4 too. A name that has both has a socket for each.
  if (info.ai_family == AF_INET6) {
    const auto* address = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    const int only = IN6_IS_ADDR_UNSPECIFIED(&address->sin6_addr) ? 0 : 1;
    setsockopt(listening.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
  }
  if (bind(listening.get(), info.ai_addr, info.ai_addrlen) != 0 ||
      listen(listening.get(), kBacklog) != 0) {
    return OwnedDescriptor();
  }
  return listening;
}

int PortOf(int listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return address.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port)
             : ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

void SetPort(int port, sockaddr& address) {
  if (address.sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(static_cast<std::uint16_t>(port));
  } else if (address.sa_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(static_cast<std::uint16_t>(port));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Listen(const std::string& address,
                                                           DescriptorShares shares) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::vector<OwnedDescriptor> sockets;
  // Without a port, any free one would be taken.
  if (!port.empty() && getaddrinfo(host.c_str(), port.c_str(), &hints, &found) == 0) {
    const std::unique_ptr<addrinfo, AddressInfoDeleter> all(found);
    for (const addrinfo* info = all.get(); info != nullptr; info = info->ai_next) {
      // The port that the first has picked, for the others too.
      if (!sockets.empty()) SetPort(PortOf(sockets.front().get()), *info->ai_addr);
      OwnedDescriptor listening = ListenOn(*info);
      if (listening.get() >= 0) sockets.push_back(std::move(listening));
    }
  }
  OwnedDescriptor stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stop_event.get() < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on '", address, "': no file descriptor is left"));
  }
  if (sockets.empty()) {
    return absl::UnavailableError(absl::StrCat("cannot listen on '", address,
                                               "': it is in use, or not an address of this host"));
  }
  const int bound = PortOf(sockets.front().get());
  return std::unique_ptr<Listener>(
      new Listener(std::move(sockets), bound, std::move(stop_event), shares));
}

Listener::Listener(std::vector<OwnedDescriptor> sockets, int port, OwnedDescriptor stop_event,
                   DescriptorShares shares)
    : sockets_(std::move(sockets)),
      port_(port),
      stop_event_(std::move(stop_event)),
      shares_(shares) {
  Refill();
}

Listener::~Listener() { Stop(); }

void Listener::Start(std::function<void(int, int)> accepted, std::function<void()> turned_away,
                     std::function<void()> give_up_one, std::function<void()> every_half_second) {
  accepted_ = std::move(accepted);
  turned_away_ = std::move(turned_away);
  give_up_one_ = std::move(give_up_one);
  every_half_second_ = std::move(every_half_second);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    // Cannot fail: the counter is far from full.
    [[maybe_unused]] const ssize_t written = write(stop_event_.get(), &one, sizeof(one));
    thread_.join();
  }
  sockets_.clear();
}

void Listener::Run() {
  std::vector<pollfd> events;
  for (const OwnedDescriptor& socket : sockets_) events.push_back({socket.get(), POLLIN, 0});
  events.push_back({stop_event_.get(), POLLIN, 0});
  for (;;) {
    // An error of poll passes, as one of too little memory does: to end would leave the port open
    // and nobody behind it.
    if (poll(events.data(), events.size(), PollMilliseconds()) < 0) {
      if (errno != EINTR) poll(nullptr, 0, kRestMilliseconds);
      continue;
    }
    if ((events.back().revents & POLLIN) != 0) return;
    Refill();
    KeepTime();
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      if (events[i].revents != 0) AcceptAll(events[i].fd);
    }
  }
}

int Listener::PollMilliseconds() const {
  if (spare_.get() < 0 || kept_.size() < shares_.kept) return kRefillMilliseconds;
  return every_half_second_ ? static_cast<int>(kHalfASecond.count()) : -1;
}

void Listener::KeepTime() {
  const auto now = std::chrono::steady_clock::now();
  if (!every_half_second_ || now - last_time_ < kHalfASecond) return;
  last_time_ = now;
  every_half_second_();
}

void Listener::AcceptAll(int socket) {
  for (int i = 0; i < kAcceptedInARow; ++i) {
    const int connection = accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) {
      if (IsOfThoseLeft(connection)) {
        close(connection);
        turned_away_();
      } else {
        accepted_(socket, connection);
      }
      continue;
    }
    const int error = errno;
    if (error == EMFILE || error == ENFILE) {
      AcceptWithoutDescriptors(socket);
      return;
    }
    if (error == ENOBUFS || error == ENOMEM) {
      poll(nullptr, 0, kRestMilliseconds);
      return;
    }
    // An error of the one connection; there may be others.
    if (error != ECONNABORTED && error != EINTR && error != EPROTO) return;
  }
}

bool Listener::IsOfThoseLeft(int connection) const {
  rlimit limit{};
  if (shares_.left == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  // The system gives the lowest number that is free: so high a one is of the last that are.
  const rlim_t left = std::min<rlim_t>(shares_.left, limit.rlim_cur / kLargestShareLeft);
  return static_cast<rlim_t>(connection) >= limit.rlim_cur - left;
}

void Listener::AcceptWithoutDescriptors(int socket) {
  if (give_up_one_) give_up_one_();
  if (give_up_one_ && kept_.empty()) {
    poll(nullptr, 0, kRestMilliseconds);
    Refill();
  }
  if (!kept_.empty()) {
    kept_.pop_back();
    const int connection = accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) accepted_(socket, connection);
    return;
  }
  if (spare_.get() >= 0) {
    spare_ = OwnedDescriptor();
    const OwnedDescriptor turned_away(accept4(socket, nullptr, nullptr, SOCK_CLOEXEC));
    if (turned_away.get() >= 0) turned_away_();
  }
  // Others may need the next descriptor more than a client that is turned away.
  poll(nullptr, 0, kRestMilliseconds);
}

void Listener::Refill() {
  if (spare_.get() < 0) spare_ = OpenNothing();
  while (spare_.get() >= 0 && kept_.size() < shares_.kept) {
    OwnedDescriptor kept = OpenNothing();
    if (kept.get() < 0) return;
    kept_.push_back(std::move(kept));
  }
}

}  // namespace mlp
