#include "server/batching/admission_control.h"

#include <algorithm>

namespace mlp {

std::optional<RejectionReason> AdmissionControl::Enter(std::int64_t bytes, const Standing& standing,
                                                       Clock::time_point now) {
  if (rows() >= options_.max_queue_rows) return RejectionReason::kQueueRows;
  if (options_.adaptive) {
    const bool stands = now - standing.last_empty > options_.interval;
    // A batch that takes longer than the target must not keep the next one from being filled.
    const std::chrono::duration<double> limit =
        stands ? std::max<std::chrono::duration<double>>(options_.target, 2 * standing.batch)
               : std::max<std::chrono::duration<double>>(options_.interval, 2 * standing.batch);
    if (standing.wait > limit) return RejectionReason::kOverload;
  }
  const std::int64_t counted = bytes + kBytesOfACall;
  const std::int64_t before = bytes_.fetch_add(counted, std::memory_order_relaxed);
  // One request alone is let in whatever its size, which the message's limit bounds.
  if (before > 0 && before + counted > options_.max_queue_bytes) {
    bytes_.fetch_sub(counted, std::memory_order_relaxed);
    return RejectionReason::kQueueBytes;
  }
  return std::nullopt;
}

std::optional<RejectionReason> AdmissionControl::AddRows(std::int64_t rows) {
  const std::int64_t before = rows_.fetch_add(rows, std::memory_order_relaxed);
  if (before > 0 && before + rows > options_.max_queue_rows) {
    rows_.fetch_sub(rows, std::memory_order_relaxed);
    return RejectionReason::kQueueRows;
  }
  return std::nullopt;
}

void AdmissionControl::Leave(std::int64_t bytes, std::int64_t rows) {
  bytes_.fetch_sub(bytes + kBytesOfACall, std::memory_order_relaxed);
  if (rows > 0) rows_.fetch_sub(rows, std::memory_order_relaxed);
}

}  // namespace mlp
