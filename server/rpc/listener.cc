#include "server/rpc/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
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
  const int off = 0;
  // So that a restart does not wait for the connections of the last run to be forgotten. Two
  // servers still cannot share the port.
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Connections have it from the listener.
  setsockopt(listening.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    setsockopt(listening.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
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

}  // namespace

OwnedDescriptor::~OwnedDescriptor() {
  if (descriptor_ >= 0) close(descriptor_);
}

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = other.Release();
  }
  return *this;
}

int OwnedDescriptor::Release() { return std::exchange(descriptor_, -1); }

absl::StatusOr<std::unique_ptr<Listener>> Listener::Listen(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) == 0) {
    const std::unique_ptr<addrinfo, AddressInfoDeleter> all(found);
    for (const addrinfo* info = all.get(); info != nullptr; info = info->ai_next) {
      OwnedDescriptor listening = ListenOn(*info);
      if (listening.get() < 0) continue;
      const int bound = PortOf(listening.get());
      return std::unique_ptr<Listener>(new Listener(std::move(listening), bound));
    }
  }
  return absl::UnavailableError(absl::StrCat("cannot listen on the gRPC address '", address,
                                             "': it is in use, or not an address of this host"));
}

Listener::Listener(OwnedDescriptor socket, int port)
    : socket_(std::move(socket)),
      port_(port),
      stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(OpenNothing()) {}

Listener::~Listener() { Stop(); }

void Listener::Start(std::function<void(int, int)> accepted, std::function<void()> turned_away) {
  accepted_ = std::move(accepted);
  turned_away_ = std::move(turned_away);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    // Cannot fail: the counter is far from full.
    [[maybe_unused]] const ssize_t written = write(stop_event_.get(), &one, sizeof(one));
    thread_.join();
  }
  socket_ = OwnedDescriptor();
}

void Listener::Run() const {
  std::array<pollfd, 2> events{{{socket_.get(), POLLIN, 0}, {stop_event_.get(), POLLIN, 0}}};
  for (;;) {
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    if ((events[1].revents & POLLIN) != 0) return;
    if (events[0].revents != 0) AcceptAll();
  }
}

void Listener::AcceptAll() const {
  for (;;) {
    const int connection = accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) {
      accepted_(socket_.get(), connection);
      continue;
    }
    const int error = errno;
    if (error == EMFILE || error == ENFILE) {
      TurnAwayForWantOfDescriptors();
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

void Listener::TurnAwayForWantOfDescriptors() const {
  if (spare_.get() >= 0) {
    spare_ = OwnedDescriptor();
    const OwnedDescriptor turned_away(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (turned_away.get() >= 0) turned_away_();
  }
  if (spare_.get() < 0) spare_ = OpenNothing();
  // Others may need the next descriptor more than a client that is turned away.
  poll(nullptr, 0, kRestMilliseconds);
}

}  // namespace mlp
