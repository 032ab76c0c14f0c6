// What a file computes of each row, as a graph of simple operations in the order of evaluation. The
// readers of files write it; NetworkBuilder makes a network of it.

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

// Index into RowGraph::nodes; operands come before what reads them.
using RowNodeId = std::int32_t;

enum class RowOperation {
  kInput,        // input number `first`
  kConstant,     // `values`: one for all units, or one for each
  kRowFunction,  // `row_function`, over the units of a row
  kSlice,        // the units [first, first + width)
  kConcat,       // the operands side by side
  kOperation,    // `detail` of the operands: what a layer does, and element-wise functions
};

struct RowNode {
  RowOperation operation = RowOperation::kInput;
  std::vector<RowNodeId> operands;
  std::int64_t width = 0;  // 1 for a constant that is the same for all units
  std::int64_t first = 0;
  ActivationKind row_function = ActivationKind::kSoftmax;
  std::vector<double> values;  // kConstant; in double, as formulas are told in it
  bool of_16_bits = false;     // kConstant: the file holds them rounded to FLOAT16 or BFLOAT16
  RowOperationDetail detail;   // kOperation; of Dense, the weights alone

  // What the file calls the operation, for messages: "node 'fc1' of type 'Gemm'".
  std::string text;

  // What it does, where that is an `Operation`; null for any other node.
  template <typename Operation>
  const Operation* As() const {
    return operation == RowOperation::kOperation ? std::get_if<Operation>(&detail) : nullptr;
  }

  // The function of an element-wise node; null for any other node.
  const ElementwiseFunction* function() const {
    const auto* its = As<UnitFunction>();
    return its == nullptr ? nullptr : its->function;
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

// An output with the node that it shows.
struct RowGraphOutput {
  NetworkOutput output;  // but for the layer and its tap
  RowNodeId node = -1;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_
