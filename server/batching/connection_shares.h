// Shares a limit among connections, so that those that take much always leave some to others.
//
// A connection may hold a quarter of what the others leave: alone a quarter of the limit, beside
// one that has its share a quarter of the other three quarters, and so on. So each further
// connection that takes all it can leaves three quarters of what was free. Where that comes to
// nothing, a connection still gets a little, whatever the others hold: of these there are no more
// than connections.

#ifndef MLP_SERVER_BATCHING_CONNECTION_SHARES_H_
#define MLP_SERVER_BATCHING_CONNECTION_SHARES_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace mlp {

// Not thread-safe. Amounts are in any unit.
class ConnectionShares final {
 public:
  // `most`: the limit, over all connections. `least`: what each connection may hold in any case.
  ConnectionShares(std::int64_t most, std::int64_t least) : most_(most), least_(least) {}

  // Counts `amount` for the connection until GiveBack; false, and nothing is counted, where it
  // would hold too much then. What a connection begins with may be half of what the others leave,
  // and anything where nobody holds anything. `unnamed` is held besides, by nobody knows whom.
  bool Take(const std::string& connection, std::int64_t amount, std::int64_t unnamed = 0);

  // What was taken, or a part of it.
  void GiveBack(const std::string& connection, std::int64_t amount);

  // What all connections hold.
  std::int64_t total() const { return total_; }

 private:
  bool MayHold(std::int64_t held, std::int64_t more, std::int64_t others) const;

  const std::int64_t most_;
  const std::int64_t least_;
  std::int64_t total_ = 0;
  absl::flat_hash_map<std::string, std::int64_t> held_;  // of those that hold something
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_CONNECTION_SHARES_H_
