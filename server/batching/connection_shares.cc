#include "server/batching/connection_shares.h"

namespace mlp {
namespace {

// Divisors of what the others leave: for what a connection may hold, and for its first amount.
constexpr std::int64_t kPart = 4;
constexpr std::int64_t kFirstPart = 2;

}  // namespace

bool ConnectionShares::MayHold(std::int64_t held, std::int64_t more, std::int64_t others) const {
  const std::int64_t amount = held + more;
  if (amount <= least_) return true;
  if (held > 0) return amount <= (most_ - others) / kPart;
  return others == 0 || amount <= (most_ - others) / kFirstPart;
}

bool ConnectionShares::Take(const std::string& connection, std::int64_t amount,
                            std::int64_t unnamed) {
  const auto found = held_.find(connection);
  const std::int64_t held = found == held_.end() ? 0 : found->second;
  if (!MayHold(held, amount, total_ - held + unnamed)) return false;
  if (found == held_.end()) {
    held_.emplace(connection, amount);
  } else {
    found->second += amount;
  }
  total_ += amount;
  return true;
}

void ConnectionShares::GiveBack(const std::string& connection, std::int64_t amount) {
  const auto found = held_.find(connection);
  found->second -= amount;
  total_ -= amount;
  if (found->second == 0) held_.erase(found);
}

}  // namespace mlp
