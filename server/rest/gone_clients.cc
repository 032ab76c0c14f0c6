#include "server/rest/gone_clients.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

namespace mlp {
namespace {

// The number that the event has which ends the thread.
constexpr std::uint64_t kStop = 0;

}  // namespace

absl::StatusOr<std::unique_ptr<GoneClients>> GoneClients::Start(
    std::function<void(LocalInference::Ticket)> cancel) {
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
    return std::unique_ptr<GoneClients>(
        new GoneClients(std::move(cancel), std::move(epoll), std::move(stop_event)));
  } catch (const std::system_error&) {
    return absl::UnavailableError("no thread is to be had");
  }
}

GoneClients::GoneClients(std::function<void(LocalInference::Ticket)> cancel, OwnedDescriptor epoll,
                         OwnedDescriptor stop_event)
    : cancel_(std::move(cancel)),
      epoll_(std::move(epoll)),
      stop_event_(std::move(stop_event)),
      thread_([this] { Run(); }) {}

GoneClients::~GoneClients() {
  eventfd_write(stop_event_.get(), 1);
  thread_.join();
}

std::uint64_t GoneClients::Watch(int descriptor, LocalInference::Ticket ticket) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  {
    const std::lock_guard lock(mutex_);
    try {
      watched_.emplace(last_ + 1, ticket);
    } catch (const std::bad_alloc&) {
      return kStop;
    }
    event.data.u64 = ++last_;
  }
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
  return event.data.u64;
}

void GoneClients::Forget(int descriptor, std::uint64_t watched) {
  if (watched == kStop) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  const std::lock_guard lock(mutex_);
  watched_.erase(watched);
}

void GoneClients::Run() {
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), /*timeout=*/-1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == kStop) return;
      std::optional<LocalInference::Ticket> ticket;
      {
        const std::lock_guard lock(mutex_);
        const auto found = watched_.find(number);
        if (found != watched_.end()) ticket = found->second;
      }
      if (ticket) cancel_(*ticket);
    }
  }
}

}  // namespace mlp
