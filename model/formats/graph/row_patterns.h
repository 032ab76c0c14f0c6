// Recognises softmax and row norms that a file composes of several operations, as most exporters do
// for operator sets without the operator.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_

#include "model/formats/graph/row_graph.h"

namespace mlp {

// Replaces the last part of each softmax, log-softmax, layer normalisation and RMS normalisation
// over whole rows by one operation. Keeps the other parts, which other nodes may read.
void JoinRowPatterns(RowGraph& graph);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_
