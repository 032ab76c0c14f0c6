// The open connections, by the address they come from, for limits on their number.

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
// first 64 bits of an IPv6 address, which is the range of one host.
std::string ConnectionOrigin(const sockaddr_storage& address);

// Not thread-safe. The new owner of a connection closes its descriptor without notice. So a
// connection that is no longer open is detected when a limit is reached, by its descriptor and its
// inode.
class OpenConnections final {
 public:
  using Clock = std::chrono::steady_clock;

  // The most in total and from one origin; 0 for no limit.
  OpenConnections(int most, int most_of_an_origin)
      : most_(most), most_of_an_origin_(most_of_an_origin) {}

  // Counts the connection `descriptor`, unless a limit is reached, which is returned.
  std::optional<ConnectionRefusal> Add(int descriptor, const std::string& origin,
                                       Clock::time_point now);

 private:
  struct Connection {
    int descriptor;
    ino_t inode;
  };

  static constexpr std::size_t kMinForgotten = 1024;

  std::size_t CountOf(const std::string& origin) const;

  // Forgets closed connections. Looks for them only now and then, because clients over a limit may
  // come as fast as they can.
  void ForgetClosed(Clock::time_point now);

  const int most_;
  const int most_of_an_origin_;
  absl::flat_hash_map<std::string, std::vector<Connection>> by_origin_;
  std::size_t count_ = 0;
  std::size_t forget_at_ = kMinForgotten;  // at this count, so that memory follows what is open
  Clock::time_point last_forgotten_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_OPEN_CONNECTIONS_H_
