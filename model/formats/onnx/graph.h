// Converts the nodes of an ONNX graph, and of the functions that a file defines, and stores what
// each of their tensors is. The cost is limited in proportion to the file's size, however often it
// calls its functions.

#ifndef MLP_MODEL_FORMATS_ONNX_GRAPH_H_
#define MLP_MODEL_FORMATS_ONNX_GRAPH_H_

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "model/formats/onnx/functions.h"
#include "model/formats/onnx/scope.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

class OnnxGraph final {
 public:
  // The model must outlive the graph.
  OnnxGraph(const onnx::ModelProto& model, OnnxConversion& conversion);

  // Converts the graph's nodes, in order. REQUIRES: the scope holds the graph's inputs and
  // initializers.
  absl::Status AddNodes(OnnxScope& scope);

 private:
  absl::Status AddNode(const onnx::NodeProto& node, int depth, OnnxScope& scope);
  absl::Status Call(const OnnxFunction& function, const onnx::NodeProto& node, int depth,
                    OnnxScope& scope);
  absl::Status AddBranch(const onnx::NodeProto& node, const OnnxValue* condition, int depth,
                         OnnxScope& scope);
  absl::Status AddFunctionNode(const onnx::NodeProto& node, const OnnxFunctionCall& call, int depth,
                               OnnxScope& scope);
  absl::Status CountRowNodes(const onnx::NodeProto& node, std::size_t first);

  const onnx::ModelProto& model_;
  OnnxConversion& conversion_;
  OnnxFunctions functions_;
  std::int64_t calls_left_;       // nodes of functions and branches that may still be converted
  std::int64_t call_bytes_left_;  // the bytes of functions' nodes that may still be converted
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_GRAPH_H_
