// What a file computes of each row, as a graph of simple operations in the order of evaluation. The
// readers of files write it; NetworkBuilder makes a network of it.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_GRAPH_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/functions/elementwise_functions.h"
#include "model/network.h"

namespace mlp {

// Index into RowGraph::nodes; operands come before what reads them.
using RowNodeId = std::int32_t;

enum class RowOperation {
  kInput,        // input number `first`
  kConstant,     // `values`: one for all units, or one for each
  kDense,        // x W, with `values` as W, [inputs, width]
  kElementwise,  // `function` of the operands, unit by unit
  kRowFunction,  // `row_function`, over the units of a row
  kSlice,        // the units [first, first + width)
  kConcat,       // the operands side by side
  kNormalize,    // by `norm`
  kImpute,       // x, but `values` where it is `missing`
  kQuantize,     // as `quantization` says
  kOperation,    // `detail` of the operands, in front of which they are joined where it takes one
};

struct RowNode {
  RowOperation operation = RowOperation::kInput;
  std::vector<RowNodeId> operands;
  std::int64_t width = 0;  // 1 for a constant that is the same for all units
  std::int64_t first = 0;
  const ElementwiseFunction* function = nullptr;
  std::vector<double> parameters;  // of the function
  ActivationKind row_function = ActivationKind::kSoftmax;
  std::vector<float> weights;  // kDense
  std::vector<double> values;  // kConstant and kImpute
  Norm norm = Norm::kL2;
  float epsilon = 0.0F;
  float missing = 0.0F;
  bool of_16_bits = false;  // kConstant: the file holds the values rounded to FLOAT16 or BFLOAT16
  Quantization quantization;
  RowOperationDetail detail;  // kOperation: all but UnitFunction, which is kElementwise

  // What the file calls the operation, for messages: "node 'fc1' of type 'Gemm'".
  std::string text;
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
