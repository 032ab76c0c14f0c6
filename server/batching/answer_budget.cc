#include "server/batching/answer_budget.h"

namespace mlp {

HeldAnswer& HeldAnswer::operator=(HeldAnswer&& other) noexcept {
  if (this != &other) {
    Release();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = other.bytes_;
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void HeldAnswer::Release() {
  if (budget_ != nullptr) std::exchange(budget_, nullptr)->Release(bytes_, connection_);
}

std::optional<RejectionReason> AnswerBudget::Hold(std::int64_t bytes,
                                                  const std::function<std::string()>& connection,
                                                  HeldAnswer& held) {
  held.Release();
  const std::int64_t counted = bytes + kBytesOfACall;
  std::string name;
  if (bytes >= kSmallBytes) name = connection();
  // First what may find no memory: nothing is counted then.
  if (!name.empty() && !HoldOfConnection(counted, name)) return RejectionReason::kAnswerBytes;
  const std::int64_t before = bytes_.fetch_add(counted, std::memory_order_relaxed);
  if (before > 0 && before + counted > limits_.bytes) {
    Release(counted, name);
    return RejectionReason::kAnswerBytes;
  }
  held.budget_ = this;
  held.bytes_ = counted;
  held.connection_ = std::move(name);
  return std::nullopt;
}

bool AnswerBudget::HoldOfConnection(std::int64_t bytes, const std::string& connection) {
  const std::lock_guard lock(mutex_);
  const auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) {
    by_connection_[connection] = bytes;
    return true;
  }
  if (found->second + bytes > limits_.connection_bytes) return false;
  found->second += bytes;
  return true;
}

void AnswerBudget::Release(std::int64_t bytes, const std::string& connection) {
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  if (connection.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto found = by_connection_.find(connection);
  found->second -= bytes;
  if (found->second == 0) by_connection_.erase(found);
}

}  // namespace mlp
