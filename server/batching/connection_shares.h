// Shares a limit among connections, so that greedy ones always leave some to others.
//
// A connection may hold a quarter of what the others leave: a quarter of the limit if it is alone,
// a quarter of the other three quarters beside a connection that has its full share, and so on. So
// each further connection that takes all it can leaves three quarters of what was free. When a
// share would be too small, a connection may still hold a small minimum, whatever the others hold;
// the number of connections bounds the sum of these.

#ifndef MLP_SERVER_BATCHING_CONNECTION_SHARES_H_
#define MLP_SERVER_BATCHING_CONNECTION_SHARES_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace mlp {

// Not thread-safe. Amounts are in any unit.
class ConnectionShares final {
 public:
  // `most`: the limit, over all connections. `least`: what each connection may always hold.
  ConnectionShares(std::int64_t most, std::int64_t least) : most_(most), least_(least) {}

  // Counts `amount` for the connection until GiveBack. If the connection would then hold too much,
  // returns false and counts nothing. A connection that holds nothing may take up to half of what
  // the others leave, or any amount if nobody holds anything. `unnamed` is the amount held by
  // unknown connections.
  bool Take(const std::string& connection, std::int64_t amount, std::int64_t unnamed = 0);

  // Gives back what was taken, or a part of it.
  void GiveBack(const std::string& connection, std::int64_t amount);

  // The sum over all connections.
  std::int64_t total() const { return total_; }

 private:
  bool MayHold(std::int64_t held, std::int64_t more, std::int64_t others) const;

  const std::int64_t most_;
  const std::int64_t least_;
  std::int64_t total_ = 0;
  absl::flat_hash_map<std::string, std::int64_t> held_;  // only connections that hold something
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_CONNECTION_SHARES_H_
