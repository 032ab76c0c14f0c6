// One layer over the last hour: its strips, its figures with their references, and its shape.

#ifndef MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_
#define MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_

#include <cstddef>
#include <string>

#include "server/insight/status.h"

namespace mlp {

// How far the layer is from its reference, for sorting: the greatest of its distances (0 to 5), or
// 5 plus its drift ratio if it drifts.
double LayerDistance(const StatusLayer& layer);

struct LayerSection {
  std::size_t number = 0;    // index of the layer in its model
  bool is_unfolded = false;  // whether its figures and shape are expanded
  bool is_compact = false;   // low strips, for models with many layers
  bool has_shape = true;
};

// An article element. Thread-safe.
std::string LayerSectionHtml(const Status& status, const StatusModel& model,
                             const LayerSection& section);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_LAYER_SECTION_H_
