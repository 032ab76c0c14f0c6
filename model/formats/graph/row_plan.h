// Decides which nodes of a RowGraph become which kind of layer. The first half of NetworkBuilder's
// work.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/affine.h"
#include "model/formats/graph/row_graph.h"

namespace mlp {

// How a node is computed.
enum class RowForm {
  kAsItIs,      // by its own operation: an input, a dense layer, a slice, ...
  kActivation,  // `activation` of the single source
  kAffine,      // `affine` of the single source
  kCombined,    // the sources joined unit by unit, by `combination`
  kFunction,    // the node's function of all operands, including constants
};

struct RowPlan {
  RowForm form = RowForm::kAsItIs;
  std::vector<RowNodeId> sources;  // the nodes it is computed from
  Activation activation;
  ScaleAndShift affine;
  Combination combination = Combination::kSum;

  bool needed = false;    // by an output
  int uses = 0;           // by other nodes and by outputs
  RowNodeId reader = -1;  // one of the nodes that use it
  bool folded = false;    // computed as part of the only node that uses it
  bool stepped = false;   // read by a function that may have steps: must be exact to the bit
};

// One entry for each node. UNIMPLEMENTED, naming the operation, if a node that an output needs
// cannot be computed.
absl::StatusOr<std::vector<RowPlan>> PlanRows(const RowGraph& graph,
                                              const std::vector<RowGraphOutput>& outputs);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_PLAN_H_
