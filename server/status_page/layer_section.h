// One layer over the last hour: its strips, its figures beside their references, its shape.

#ifndef MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_
#define MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_

#include <cstddef>
#include <string>

#include "server/insight/status.h"

namespace mlp {

// How far the layer is from its reference, to pick the furthest: the greatest of its distances (0
// to 5), and above that its drift ratio where there is drift.
double LayerDistance(const StatusLayer& layer);

struct LayerSection {
  std::size_t number = 0;    // of the layer in its model
  bool is_unfolded = false;  // its figures and its shape are shown at once
  bool is_compact = false;   // low strips, for many layers
  bool has_shape = true;
};

// An article element. Thread-safe.
std::string LayerSectionHtml(const Status& status, const StatusModel& model,
                             const LayerSection& section);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_
