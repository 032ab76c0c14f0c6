// What of a RowGraph becomes which kind of layer. The first half of NetworkBuilder's work.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/affine.h"
#include "model/formats/graph/row_graph.h"

namespace mlp {

// How a node is made.
enum class RowForm {
  kAsItIs,      // by an operation of its own: an input, a dense layer, a slice, ...
  kActivation,  // `activation` of the one source
  kAffine,      // `affine` of the one source
  kCombined,    // of the sources, unit by unit, by `combination`
  kFunction,    // of all operands, constants among them, by the node's own function
};

struct RowPlan {
  RowForm form = RowForm::kAsItIs;
  std::vector<RowNodeId> sources;  // what it is made of
  Activation activation;
  ScaleAndShift affine;
  Combination combination = Combination::kSum;

  bool needed = false;    // for an output
  int uses = 0;           // by other nodes and by outputs
  RowNodeId reader = -1;  // one of the nodes that use it
  bool folded = false;    // made as a part of the one node that uses it
  bool stepped = false;   // a function reads it, which may be one of steps: it is made to the bit
};

// One entry for each node. UNIMPLEMENTED, naming the operation, where a node that an output needs
// cannot be made.
absl::StatusOr<std::vector<RowPlan>> PlanRows(const RowGraph& graph,
                                              const std::vector<RowGraphOutput>& outputs);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_
