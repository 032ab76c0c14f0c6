#include "server/http/open_sockets.h"

#include <sys/socket.h>

#include <iterator>

namespace mlp {
namespace {

// An eighth of the places is kept free: connections that were shut down take a moment to go.
constexpr std::size_t kRoomShare = 8;

}  // namespace

void OpenSockets::Add(int descriptor, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({descriptor, now});
  by_descriptor_[descriptor] = std::prev(entries_.end());
}

void OpenSockets::Remove(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto found = by_descriptor_.find(descriptor);
  if (found == by_descriptor_.end()) return;  // it was shut down
  entries_.erase(found->second);
  by_descriptor_.erase(found);
}

void OpenSockets::MakeRoom(std::size_t most, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() &&
         (entries_.size() + most / kRoomShare >= most || now - entries_.front().since > kLongest)) {
    shutdown(entries_.front().descriptor, SHUT_RDWR);
    by_descriptor_.erase(entries_.front().descriptor);
    entries_.pop_front();
  }
}

}  // namespace mlp
