// Assigns buffers to layers' values. Values that are never needed at the same time share a buffer:
// a chain of any depth takes three.

#ifndef MLP_MODEL_EVALUATOR_MEMORY_PLAN_H_
#define MLP_MODEL_EVALUATOR_MEMORY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// The buffers of one layer, as indices into MemoryPlan::widths.
struct LayerBuffers {
  std::size_t z = 0;
  std::size_t a = 0;  // the same as z if the activation is the identity

  // Whether the layer needs its sources copied side by side, and the buffer for that copy. Only
  // this layer uses it.
  bool gathers = false;
  std::size_t gathered = 0;
};

struct MemoryPlan {
  std::vector<LayerBuffers> layers;  // one entry for each layer of the network
  std::vector<std::int64_t> widths;  // of each buffer: the width of the widest value it holds
};

// A value keeps its buffer until the last layer that reads it. Outputs keep no buffers: their
// values are copied out as soon as they are computed.
MemoryPlan PlanMemory(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_MEMORY_PLAN_H_
