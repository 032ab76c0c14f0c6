#include "server/rest/client_disconnects.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace mlp {
namespace {

// The event that ends the thread. An event of a connection has a number and the descriptor, because
// the descriptor may belong to another connection by the time the event is read.
constexpr std::uint64_t kStop = 0;
constexpr int kNumberShift = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<ClientDisconnects>> ClientDisconnects::Start(Callbacks callbacks) {
  OwnedDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  OwnedDescriptor stop_event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event stop{};
  stop.events = EPOLLIN;
  stop.data.u64 = kStop;
  if (epoll.get() < 0 || stop_event.get() < 0 ||
      epoll_ctl(epoll.get(), EPOLL_CTL_ADD, stop_event.get(), &stop) != 0) {
    return absl::UnavailableError("too few file descriptors are left");
  }
  try {
    return std::unique_ptr<ClientDisconnects>(
        new ClientDisconnects(std::move(callbacks), std::move(epoll), std::move(stop_event)));
  } catch (const std::system_error&) {
    return absl::UnavailableError("no thread can be created");
  }
}

ClientDisconnects::ClientDisconnects(Callbacks callbacks, OwnedDescriptor epoll,
                                     OwnedDescriptor stop_event)
    : callbacks_(std::move(callbacks)),
      epoll_(std::move(epoll)),
      stop_event_(std::move(stop_event)),
      thread_([this] { Run(); }) {}

ClientDisconnects::~ClientDisconnects() {
  eventfd_write(stop_event_.get(), 1);
  thread_.join();
}

void ClientDisconnects::Watch(int descriptor) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  const std::lock_guard lock(mutex_);
  try {
    Connection& connection = connections_[descriptor];
    if (++last_ == 0) ++last_;  // so that no connection's event equals kStop
    connection = {.number = last_};
    event.data.u64 =
        std::uint64_t{connection.number} << kNumberShift | static_cast<std::uint32_t>(descriptor);
  } catch (const std::bad_alloc&) {
    return;
  }
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void ClientDisconnects::Forget(int descriptor) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  const std::lock_guard lock(mutex_);
  connections_.erase(descriptor);
}

void ClientDisconnects::BeginRequest(int descriptor, LocalInference::Ticket ticket) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(descriptor);
    if (found == connections_.end()) return;
    if (!found->second.has_disconnected) {
      found->second.request = ticket;
      return;
    }
  }
  callbacks_.cancel(ticket);
}

void ClientDisconnects::EndRequest(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(descriptor);
  if (found != connections_.end()) found->second.request.reset();
}

void ClientDisconnects::TakeEvent(std::uint64_t event) {
  const int descriptor = static_cast<int>(event & 0xFFFFFFFF);
  std::optional<LocalInference::Ticket> request;
  {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(descriptor);
    if (found == connections_.end() || found->second.number != event >> kNumberShift) return;
    found->second.has_disconnected = true;
    request = found->second.request;
    callbacks_.disconnected(descriptor);  // under the lock, so that the descriptor stays open
  }
  if (request) callbacks_.cancel(*request);
}

void ClientDisconnects::Run() {
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), /*timeout=*/-1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t event = events[static_cast<std::size_t>(i)].data.u64;
      if (event == kStop) return;
      TakeEvent(event);
    }
  }
}

}  // namespace mlp
