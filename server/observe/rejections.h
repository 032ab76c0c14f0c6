// Counts inference requests of one model that got no result: mlp_rejected_total, by reason.

#ifndef MLP_SERVER_OBSERVE_REJECTIONS_H_
#define MLP_SERVER_OBSERVE_REJECTIONS_H_

#include <prometheus/counter.h>
#include <prometheus/metric_family.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "server/batching/rejection_reason.h"

namespace mlp {

// Thread-safe.
class Rejections final {
 public:
  void Count(RejectionReason reason) { by_reason_[static_cast<std::size_t>(reason)].Increment(); }

  // Whether any request was counted.
  bool CountedAny() const;

  // The number of requests refused for this reason.
  std::int64_t Counted(RejectionReason reason) const {
    return static_cast<std::int64_t>(by_reason_[static_cast<std::size_t>(reason)].Value());
  }

  // Adds a sample for each reason.
  void Collect(const std::string& model, prometheus::MetricFamily& family) const;

 private:
  // By the value of the reason.
  std::array<prometheus::Counter, kRejectionReasons> by_reason_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_REJECTIONS_H_
