// The connections that are open, by the address that they come from, for limits on their number.

#ifndef MLP_SERVER_RPC_OPEN_CONNECTIONS_H_
#define MLP_SERVER_RPC_OPEN_CONNECTIONS_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/observe/refused_connections.h"

namespace mlp {

// Where connections from `address` are counted: an IPv4 address, mapped into IPv6 or not, or the
// first 64 bits of an IPv6 address, which is what one host has at its disposal.
std::string ConnectionOrigin(const sockaddr_storage& address);

// Not thread-safe. Whoever a connection is handed to closes its descriptor without telling; so one
// that is open no longer is noticed where a limit is reached, by its descriptor and its inode.
class OpenConnections final {
 public:
  using Clock = std::chrono::steady_clock;

  // The most in all and from one origin; 0 for any number.
  OpenConnections(int most, int most_of_an_origin)
      : most_(most), most_of_an_origin_(most_of_an_origin) {}

  // Counts the connection `descriptor`, unless a limit is reached, which it returns.
  std::optional<ConnectionRefusal> Add(int descriptor, const std::string& origin,
                                       Clock::time_point now);

 private:
  struct Connection {
    int descriptor;
    ino_t inode;
  };

  static constexpr std::size_t kLeastForgotten = 1024;

  std::size_t CountOf(const std::string& origin) const;

  // Forgets those that are closed. Not more often than now and then, as clients that are over a
  // limit may come as fast as they can.
  void ForgetClosed(Clock::time_point now);

  const int most_;
  const int most_of_an_origin_;
  absl::flat_hash_map<std::string, std::vector<Connection>> by_origin_;
  std::size_t count_ = 0;
  std::size_t forget_at_ = kLeastForgotten;  // so many, so that memory follows what is open
  Clock::time_point last_forgotten_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_OPEN_CONNECTIONS_H_
