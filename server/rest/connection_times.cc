#include "server/rest/connection_times.h"

#include <sys/socket.h>

namespace mlp {

void ConnectionTimes::Set(int descriptor, Deadline deadline) {
  const std::lock_guard lock(mutex_);
  deadlines_[descriptor] = deadline;
}

void ConnectionTimes::Remove(int descriptor) {
  const std::lock_guard lock(mutex_);
  deadlines_.erase(descriptor);
}

int ConnectionTimes::CloseOverdue(bool is_short, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  int closed = 0;
  for (auto& [descriptor, deadline] : deadlines_) {
    if (now <= deadline.at && (!is_short || now <= deadline.when_short)) continue;
    shutdown(descriptor, SHUT_RDWR);
    deadline = {Clock::time_point::max()};  // once
    ++closed;
  }
  return closed;
}

}  // namespace mlp
