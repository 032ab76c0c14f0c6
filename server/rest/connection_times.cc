#include "server/rest/connection_times.h"

#include <sys/socket.h>

#include <algorithm>

namespace mlp {

void ConnectionTimes::Connection::ShortenReading(Clock::time_point now) {
  if (!has_disconnected || !deadline.is_reading) return;
  deadline.at = std::min<Clock::time_point>(deadline.at, now + kReadTimeAfterDisconnect);
}

void ConnectionTimes::Set(int descriptor, Deadline deadline, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Connection& connection = connections_[descriptor];
  connection.deadline = deadline;
  connection.ShortenReading(now);
}

void ConnectionTimes::Remove(int descriptor) {
  const std::lock_guard lock(mutex_);
  connections_.erase(descriptor);
}

void ConnectionTimes::SetDisconnected(int descriptor, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  found->second.has_disconnected = true;
  found->second.ShortenReading(now);
}

int ConnectionTimes::CloseOverdue(bool is_short, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  int closed = 0;
  for (auto& [descriptor, connection] : connections_) {
    Deadline& deadline = connection.deadline;
    if (now <= deadline.at && (!is_short || now <= deadline.when_short)) continue;
    shutdown(descriptor, SHUT_RDWR);
    deadline = {Clock::time_point::max()};  // once
    ++closed;
  }
  return closed;
}

}  // namespace mlp
