// Makes a network of layers from a graph of simple operations: recognises activations, folds scales
// and shifts into adjacent weights, and drops nodes that no output needs.

#ifndef MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_
#define MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/row_graph.h"

namespace mlp {

// UNIMPLEMENTED, naming the operation, if it is no activation and cannot be computed by layers;
// otherwise the errors of Network::Create.
absl::StatusOr<Network> BuildNetwork(RowGraph graph, std::vector<RowGraphOutput> outputs);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_
