// The ONNX operators that a multi-layer perceptron is written with.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/formats/dense_chain.h"
#include "model/formats/onnx_constant.h"

namespace mlp {

// Integers that the file computes from its input's shape, to reshape with them.
struct ShapeList {
  std::vector<std::int64_t> entries;  // one of them may be kBatchSize
  bool scalar = false;                // a single number rather than a list of one
};

// What a tensor of the graph is.
using OnnxValue = std::variant<Signal, OnnxConstant, ShapeList>;

// What the conversion of a graph has come to, apart from its values' names.
struct OnnxConversion {
  DenseChain chain;
  // The file says that there is one row, so that its shapes may say 1 for the batch.
  bool batch_is_one = false;
  // Tensors of Constant nodes that hold plain numbers.
  std::deque<onnx::TensorProto> made_tensors;
  // Matrices that layers were made of. Each may be used once: a short file that uses one a thousand
  // times would fill the memory.
  absl::flat_hash_set<const onnx::TensorProto*> used_weights;
};

// The value of the one output of `node`. `inputs` has an entry for each of its inputs, null for one
// that is left out. UNIMPLEMENTED for another operator, and where the chain does not take what this
// one does; INVALID_ARGUMENT for a node that is broken. The message names the node.
absl::StatusOr<OnnxValue> ConvertNode(const onnx::NodeProto& node,
                                      absl::Span<const OnnxValue* const> inputs,
                                      OnnxConversion& conversion);

// "node 'fc1' of type 'Gemm'", for messages.
std::string NodeText(const onnx::NodeProto& node);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_H_
