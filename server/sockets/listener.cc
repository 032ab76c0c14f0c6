#include "server/sockets/listener.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/sockets/listening_sockets.h"
#include "server/sockets/unix_socket.h"

namespace mlp {
namespace {

// How long accepting pauses when the machine or the process has run out of something.
constexpr int kRestMilliseconds = 20;

// The longest time until a descriptor that was given up is reopened.
constexpr int kRefillMilliseconds = 200;

constexpr std::chrono::milliseconds kHalfASecond{500};

// The most connections accepted in a row, so that a flood of them does not starve other work.
constexpr int kAcceptedInARow = 256;

// At most one in this many descriptors is left free.
constexpr std::size_t kLargestShareLeft = 8;

absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnHost(const std::string& address) {
  const absl::StatusOr<std::vector<SocketAddress>> addresses = ResolveAddress(address);
  if (!addresses.ok()) return addresses.status();
  return ListenOnAll(*addresses);
}

absl::StatusOr<std::vector<OwnedDescriptor>> ListenOnPath(const std::string& path, int mode) {
  absl::StatusOr<OwnedDescriptor> socket = ListenOnUnixSocket(path, mode);
  if (!socket.ok()) return socket.status();
  std::vector<OwnedDescriptor> sockets;
  sockets.push_back(*std::move(socket));
  return sockets;
}

OwnedDescriptor OpenNothing() { return OwnedDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Listen(const std::string& address,
                                                           DescriptorShares shares, int unix_mode) {
  const auto unavailable = [&address](absl::string_view why) {
    return absl::UnavailableError(absl::StrCat("cannot listen on '", address, "': ", why));
  };
  absl::StatusOr<std::vector<OwnedDescriptor>> sockets =
      IsUnixAddress(address) ? ListenOnPath(PathOfUnixAddress(address), unix_mode)
                             : ListenOnHost(address);
  if (!sockets.ok()) return unavailable(sockets.status().message());
  OwnedDescriptor stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stop_event.get() < 0) return unavailable("no file descriptor is left");
  std::unique_ptr<Listener> listener(
      new Listener(*std::move(sockets), std::move(stop_event), shares));
  if (IsUnixAddress(address)) {
    listener->unix_path_ = PathOfUnixAddress(address);
    listener->port_ = 0;
    struct stat facts {};
    if (lstat(listener->unix_path_.c_str(), &facts) == 0) {
      listener->unix_device_ = facts.st_dev;
      listener->unix_inode_ = facts.st_ino;
    }
  }
  return listener;
}

Listener::Listener(std::vector<OwnedDescriptor> sockets, OwnedDescriptor stop_event,
                   DescriptorShares shares)
    : sockets_(std::move(sockets)),
      port_(PortOf(AddressOf(sockets_.front().get()))),
      stop_event_(std::move(stop_event)),
      shares_(shares) {
  Refill();
}

Listener::~Listener() { Stop(); }

std::string Listener::addresses() const {
  if (is_unix()) return absl::StrCat("unix:", unix_path_);
  return absl::StrJoin(sockets_, ", ", [](std::string* text, const OwnedDescriptor& socket) {
    text->append(TextOf(AddressOf(socket.get())));
  });
}

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
  // Clients are then refused immediately, and the next server need not check whether anyone
  // listens.
  if (is_unix() && !sockets_.empty()) RemoveName();
  sockets_.clear();
}

void Listener::RemoveName() const {
  struct stat facts {};
  // Whoever removed our name may have put another server's there.
  if (lstat(unix_path_.c_str(), &facts) == 0 && facts.st_dev == unix_device_ &&
      facts.st_ino == unix_inode_) {
    unlink(unix_path_.c_str());
  }
}

void Listener::Run() {
  std::vector<pollfd> events;
  for (const OwnedDescriptor& socket : sockets_) events.push_back({socket.get(), POLLIN, 0});
  events.push_back({stop_event_.get(), POLLIN, 0});
  for (;;) {
    // An error of poll is transient, such as too little memory. Returning would leave the port open
    // with nobody accepting.
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
      if (TakesReservedDescriptor(connection)) {
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

bool Listener::TakesReservedDescriptor(int connection) const {
  rlimit limit{};
  if (shares_.left == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  // The system assigns the lowest free number, so a number this high means that few are left.
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
