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
  const std::int64_t counted = bytes + kBytesPerCall;
  std::string name;
  if (bytes < kSmallBytes && 2 * (this->bytes() + counted) <= most_) {
    bytes_.fetch_add(counted, std::memory_order_relaxed);
  } else {
    name = connection();
    if (!HoldNamed(counted, name)) return RejectionReason::kAnswerBytes;
  }
  held.budget_ = this;
  held.bytes_ = counted;
  held.connection_ = std::move(name);
  return std::nullopt;
}

bool AnswerBudget::HoldNamed(std::int64_t bytes, const std::string& connection) {
  const std::lock_guard lock(mutex_);
  if (!shares_.Take(connection, bytes, this->bytes() - shares_.total())) return false;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

void AnswerBudget::Release(std::int64_t bytes, const std::string& connection) {
  if (connection.empty()) {
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return;
  }
  const std::lock_guard lock(mutex_);
  shares_.GiveBack(connection, bytes);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace mlp
