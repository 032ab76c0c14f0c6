// Converts the nodes of an ONNX graph to row operations, one at a time.

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

// The values of the named outputs of `node`. `inputs` has one entry for each of the node's inputs,
// null if omitted. UNIMPLEMENTED for an unsupported operator or an unsupported use of it;
// INVALID_ARGUMENT for a malformed node. The message names the node.
absl::StatusOr<std::vector<OnnxValue>> ConvertNode(const onnx::NodeProto& node,
                                                   absl::Span<const OnnxValue* const> inputs,
                                                   OnnxConversion& conversion);

// "node 'fc1' of type 'Gemm'", for messages.
std::string NodeText(const onnx::NodeProto& node);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_CONVERT_NODE_H_
