// Inference requests that were not answered with a result: mlp_rejected_total, by the reason.

#ifndef MLP_SERVER_OBSERVE_REJECTIONS_H_
#define MLP_SERVER_OBSERVE_REJECTIONS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

#include "server/batching/rejection_reason.h"

namespace mlp {

// Thread-safe.
class Rejections final {
 public:
  // The registry must outlive this.
  explicit Rejections(prometheus::Registry& registry);

  void Count(RejectionReason reason) { counters_[static_cast<std::size_t>(reason)]->Increment(); }

 private:
  std::array<prometheus::Counter*, kRejectionReasons> counters_{};
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_REJECTIONS_H_
