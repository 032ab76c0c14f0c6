#include "server/observe/rejections.h"

#include <string>

namespace mlp {

Rejections::Rejections(prometheus::Registry& registry) {
  auto& family = prometheus::BuildCounter()
                     .Name("mlp_rejected_total")
                     .Help("Inference requests that were refused, by the reason.")
                     .Register(registry);
  for (std::size_t i = 0; i < kRejectionReasons; ++i) {
    const std::string reason(NameOf(static_cast<RejectionReason>(i)));
    counters_[i] = &family.Add({{"reason", reason}});
  }
}

}  // namespace mlp
