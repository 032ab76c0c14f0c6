// Makes a network of layers from a graph of simple operations: tells the activations, folds scales
// and shifts into the weights next to them, and leaves out what no output needs.

#ifndef MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_
#define MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/row_graph.h"

namespace mlp {

// UNIMPLEMENTED, naming the operation, for one that is no activation and cannot be made of layers;
// else what Network::Create refuses.
absl::StatusOr<Network> BuildNetwork(RowGraph graph, std::vector<RowGraphOutput> outputs);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_NETWORK_BUILDER_H_
