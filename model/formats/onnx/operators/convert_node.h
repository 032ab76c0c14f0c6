// Makes rows of the nodes of an ONNX graph, one after the other.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_CONVERT_NODE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_CONVERT_NODE_H_

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// The values of the outputs of `node` that have a name. `inputs` has an entry for each of its
// inputs, null for one that is left out. UNIMPLEMENTED for another operator, and for what this one
// does not do here; INVALID_ARGUMENT for a node that is broken. The message names the node.
absl::StatusOr<std::vector<OnnxValue>> ConvertNode(const onnx::NodeProto& node,
                                                   absl::Span<const OnnxValue* const> inputs,
                                                   OnnxConversion& conversion);

// "node 'fc1' of type 'Gemm'", for messages.
std::string NodeText(const onnx::NodeProto& node);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_CONVERT_NODE_H_
