#include "server/batching/admission_control.h"

#include <algorithm>

namespace mlp {

std::optional<RejectionReason> AdmissionControl::Enter(std::int64_t bytes, const Standing& standing,
                                                       Clock::time_point now) {
  if (rows() >= options_.max_queue_rows) return RejectionReason::kQueueRows;
  if (options_.adaptive) {
    const bool stands = now - standing.last_empty > std::chrono::milliseconds(options_.interval_ms);
    // Even if one batch takes longer than the target, the next one must be able to fill meanwhile.
    const std::chrono::duration<double> limit =
        std::chrono::milliseconds(stands ? options_.target_ms : options_.interval_ms);
    if (standing.wait > std::max({limit, 2 * standing.batch, kPatience * standing.own,
                                  kPatience * standing.batch_of_others})) {
      return RejectionReason::kOverload;
    }
  }
  const std::int64_t counted = bytes + kBytesPerCall;
  const std::int64_t queued_bytes = bytes_.fetch_add(counted, std::memory_order_relaxed);
  // If nothing else waits, a request of any size is admitted; the limit on messages bounds it.
  if (queued_bytes > 0 && queued_bytes + counted > options_.max_queue_bytes) {
    bytes_.fetch_sub(counted, std::memory_order_relaxed);
    return RejectionReason::kQueueBytes;
  }
  return std::nullopt;
}

std::optional<RejectionReason> AdmissionControl::AddRows(std::int64_t rows) {
  const std::int64_t queued_rows = rows_.fetch_add(rows, std::memory_order_relaxed);
  if (queued_rows > 0 && queued_rows + rows > options_.max_queue_rows) {
    rows_.fetch_sub(rows, std::memory_order_relaxed);
    return RejectionReason::kQueueRows;
  }
  return std::nullopt;
}

void AdmissionControl::Leave(std::int64_t bytes, std::int64_t rows) {
  bytes_.fetch_sub(bytes + kBytesPerCall, std::memory_order_relaxed);
  if (rows > 0) rows_.fetch_sub(rows, std::memory_order_relaxed);
}

}  // namespace mlp
