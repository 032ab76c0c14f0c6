#include "server/http/open_sockets.h"

#include <sys/socket.h>

#include <iterator>

namespace mlp {
namespace {

// An eighth of the places stays free, because connections that were shut down take a moment to
// close.
constexpr std::size_t kRoomShare = 8;

}  // namespace

void OpenSockets::Add(int descriptor, Clock::time_point now) {
  Entries added;
  added.push_back({descriptor, now, now});
  const std::lock_guard lock(mutex_);
  by_descriptor_[descriptor] = added.begin();
  entries_.splice(entries_.end(), added);
}

void OpenSockets::Remove(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto found = by_descriptor_.find(descriptor);
  if (found == by_descriptor_.end()) return;  // it was shut down
  entries_.erase(found->second);
  by_descriptor_.erase(found);
}

void OpenSockets::RequestCame(int descriptor) { Answered(descriptor, Clock::time_point::max()); }

void OpenSockets::Answered(int descriptor, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_descriptor_.find(descriptor);
  if (found != by_descriptor_.end()) found->second->idle_since = now;
}

int OpenSockets::CloseOverdue(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  int closed = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (now > entry->since + kLongest || now - kLongestRequest > entry->idle_since) {
      entry = CloseEntry(entry);
      ++closed;
    } else {
      ++entry;
    }
  }
  return closed;
}

int OpenSockets::MakeRoom(std::size_t most) {
  const std::lock_guard lock(mutex_);
  int closed = 0;
  for (; !entries_.empty() && entries_.size() + most / kRoomShare >= most; ++closed) {
    CloseEntry(entries_.begin());
  }
  return closed;
}

int OpenSockets::CloseOldest() {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return 0;
  CloseEntry(entries_.begin());
  return 1;
}

int OpenSockets::Close(int descriptor) {
  const std::lock_guard lock(mutex_);
  const auto found = by_descriptor_.find(descriptor);
  if (found == by_descriptor_.end()) return 0;
  CloseEntry(found->second);
  return 1;
}

OpenSockets::Entries::iterator OpenSockets::CloseEntry(Entries::iterator entry) {
  shutdown(entry->descriptor, SHUT_RDWR);
  by_descriptor_.erase(entry->descriptor);
  return entries_.erase(entry);
}

}  // namespace mlp
