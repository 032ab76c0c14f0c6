#include "server/observe/rejections.h"

#include <algorithm>

namespace mlp {

bool Rejections::CountedAny() const {
  return std::any_of(by_reason_.begin(), by_reason_.end(),
                     [](const prometheus::Counter& counter) { return counter.Value() > 0; });
}

void Rejections::Collect(const std::string& model, prometheus::MetricFamily& family) const {
  for (std::size_t i = 0; i < kRejectionReasons; ++i) {
    const std::string reason(NameOf(static_cast<RejectionReason>(i)));
    family.metric.push_back(by_reason_[i].Collect());
    family.metric.back().label = {{"model", model}, {"reason", reason}};
  }
}

}  // namespace mlp
