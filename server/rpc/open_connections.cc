#include "server/rpc/open_connections.h"

#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>

namespace mlp {
namespace {

// The longest time that closed connections stay counted. A client that comes back sooner may be one
// too many.
constexpr std::chrono::milliseconds kForgetInterval(50);

std::optional<ino_t> InodeOf(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
  return status.st_ino;
}

bool IsReached(int limit, std::size_t count) {
  return limit > 0 && count >= static_cast<std::size_t>(limit);
}

}  // namespace

std::string ConnectionOrigin(const sockaddr_storage& address) {
  constexpr std::size_t kNetworkBytes = 8;
  constexpr std::size_t kMappedPrefix = 12;
  if (address.ss_family == AF_INET) {
    const in_addr& ip = reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
    return {reinterpret_cast<const char*>(&ip), sizeof(ip)};
  }
  if (address.ss_family != AF_INET6) return "";
  const in6_addr& ip = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  const char* bytes = reinterpret_cast<const char*>(&ip);
  if (IN6_IS_ADDR_V4MAPPED(&ip)) return {bytes + kMappedPrefix, sizeof(in_addr)};
  return {bytes, kNetworkBytes};
}

std::optional<ConnectionRefusal> OpenConnections::Add(int descriptor, const std::string& origin,
                                                      Clock::time_point now) {
  if (most_ == 0 && most_of_an_origin_ == 0) return std::nullopt;
  // Clients of a local socket have no address to tell them apart.
  const int most_of_this_origin = origin.empty() ? 0 : most_of_an_origin_;
  if (IsReached(most_, count_) || IsReached(most_of_this_origin, CountOf(origin)) ||
      count_ >= forget_at_) {
    ForgetClosed(now);
  }
  if (IsReached(most_, count_)) return ConnectionRefusal::kTooMany;
  if (IsReached(most_of_this_origin, CountOf(origin))) {
    return ConnectionRefusal::kTooManyOfItsOrigin;
  }
  if (const std::optional<ino_t> inode = InodeOf(descriptor)) {
    by_origin_[origin].push_back({descriptor, *inode});
    ++count_;
  }
  return std::nullopt;
}

std::size_t OpenConnections::CountOf(const std::string& origin) const {
  const auto found = by_origin_.find(origin);
  return found == by_origin_.end() ? 0 : found->second.size();
}

void OpenConnections::ForgetClosed(Clock::time_point now) {
  if (now - last_forgotten_ < kForgetInterval) return;
  last_forgotten_ = now;
  count_ = 0;
  absl::erase_if(by_origin_, [this](auto& entry) {
    std::vector<Connection>& connections = entry.second;
    connections.erase(std::remove_if(connections.begin(), connections.end(),
                                     [](const Connection& connection) {
                                       return InodeOf(connection.descriptor) != connection.inode;
                                     }),
                      connections.end());
    count_ += connections.size();
    return connections.empty();
  });
  forget_at_ = std::max(kMinForgotten, 2 * count_);
}

}  // namespace mlp
