// Softmax and the norms of rows, told where a file writes them in parts, as most exporters do for
// operator sets that lack the operator.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_

#include "model/formats/graph/row_graph.h"

namespace mlp {

// Puts one operation in place of the last part of each softmax, log-softmax, layer normalisation
// and RMS normalisation over whole rows. The other parts stay, for what else may read them.
void JoinRowPatterns(RowGraph& graph);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_PATTERNS_H_
