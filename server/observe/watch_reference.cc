#include "server/observe/watch_reference.h"

namespace mlp {

WatchReference::Bounds::Bounds(const ValueReference& of_baseline) : reference(of_baseline) {
  for (const float scale : reference.scale) inverse_scale.push_back(1.0F / scale);
}

WatchReference::WatchReference(const Baseline& baseline)
    : inputs_(baseline.inputs), values_(baseline.values), class_shares_(baseline.classes.share) {}

}  // namespace mlp
