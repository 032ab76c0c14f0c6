// What a file computes for each row, as a graph of simple operations in the order of evaluation.
// Readers of files build it; NetworkBuilder turns it into a network.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/functions/elementwise_functions.h"
#include "model/network.h"

namespace mlp {

// Index into RowGraph::nodes; operands precede the nodes that read them.
using RowNodeId = std::int32_t;

enum class RowOperation {
  kInput,        // the input with index `first`
  kConstant,     // `values`: one for all units, or one for each
  kRowFunction,  // `row_function`, over the units of a row
  kSlice,        // the units [first, first + width)
  kConcat,       // the operands side by side
  kOperation,    // `detail` applied to the operands: a layer's operation or an element-wise
                 // function
};

struct RowNode {
  RowOperation operation = RowOperation::kInput;
  std::vector<RowNodeId> operands;
  std::int64_t width = 0;  // 1 for a constant with the same value for all units
  std::int64_t first = 0;
  ActivationKind row_function = ActivationKind::kSoftmax;
  std::vector<double> values;  // kConstant; in double, because formulas are evaluated in double
  bool of_16_bits = false;     // kConstant: the file has the values rounded to FLOAT16 or BFLOAT16
  RowOperationDetail detail;   // kOperation; for Dense, only the weights

  // The file's name for the operation, for messages: "node 'fc1' of type 'Gemm'".
  std::string text;

  // The operation, if it is an `Operation`; null for any other node.
  template <typename Operation>
  const Operation* As() const {
    return operation == RowOperation::kOperation ? std::get_if<Operation>(&detail) : nullptr;
  }

  // The function of an element-wise node; null for any other node.
  const ElementwiseFunction* function() const {
    const auto* unit_function = As<UnitFunction>();
    return unit_function == nullptr ? nullptr : unit_function->function;
  }
};

struct RowGraph {
  std::vector<TensorSpec> inputs;
  std::vector<RowNode> nodes;
  Vocabulary vocabulary;  // of the strings among the inputs and the outputs

  RowNodeId Add(RowNode node) {
    nodes.push_back(std::move(node));
    return static_cast<RowNodeId>(nodes.size()) - 1;
  }
  const RowNode& At(RowNodeId id) const { return nodes[static_cast<std::size_t>(id)]; }
  RowNode& At(RowNodeId id) { return nodes[static_cast<std::size_t>(id)]; }
  bool IsConstant(RowNodeId id) const { return At(id).operation == RowOperation::kConstant; }
};

// An output and the node that it shows.
struct RowGraphOutput {
  NetworkOutput output;  // without the layer and the tap
  RowNodeId node = -1;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_
