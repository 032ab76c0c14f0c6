// Where the evaluator keeps what each layer makes: buffers are shared by values that are never
// needed at the same time, so that a chain of any depth takes three.

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
  std::size_t a = 0;  // the same as z where the activation is the identity

  // For the sources side by side, where the layer has to have them so; needed by it alone.
  bool gathers = false;
  std::size_t gathered = 0;
};

struct MemoryPlan {
  std::vector<LayerBuffers> layers;  // one entry for each layer of the network
  std::vector<std::int64_t> widths;  // of each buffer: the units of the widest value it holds
};

// A value keeps its buffer up to the last layer that reads it. What an output takes is copied out
// as soon as it is made, so that outputs keep nothing.
MemoryPlan PlanMemory(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_MEMORY_PLAN_H_
