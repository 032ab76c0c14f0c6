// Walks the nodes of an ONNX graph, and of the functions that a file defines for itself, and keeps
// what each of their tensors is.

#ifndef MLP_MODEL_FORMATS_ONNX_GRAPH_H_
#define MLP_MODEL_FORMATS_ONNX_GRAPH_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx_operators.h"

namespace mlp {

// Tensors by their names, which the parsed file keeps.
class OnnxScope final {
 public:
  absl::Status Add(absl::string_view name, OnnxValue&& value);

  // Null where there is none.
  const OnnxValue* Find(absl::string_view name) const;

 private:
  absl::flat_hash_map<absl::string_view, OnnxValue> values_;
};

class OnnxGraph final {
 public:
  // The model must outlive the graph.
  OnnxGraph(const onnx::ModelProto& model, OnnxConversion& conversion);

  // Converts the graph's nodes, in their order. The scope holds its inputs and initializers.
  absl::Status AddNodes(OnnxScope& scope);

 private:
  using FunctionKey = std::pair<absl::string_view, absl::string_view>;  // domain and name

  absl::Status AddNode(const onnx::NodeProto& node, int depth, OnnxScope& scope);
  absl::Status Call(const onnx::FunctionProto& function, const onnx::NodeProto& node, int depth,
                    OnnxScope& scope);
  absl::Status AddFunctionNode(const onnx::NodeProto& node, const onnx::NodeProto& caller,
                               const onnx::FunctionProto& function, int depth, OnnxScope& scope);

  const onnx::ModelProto& model_;
  OnnxConversion& conversion_;
  absl::flat_hash_map<FunctionKey, const onnx::FunctionProto*> functions_;
  std::deque<onnx::NodeProto> made_nodes_;  // of functions, with their attributes filled in
  std::int64_t calls_left_;                 // nodes of functions that may still be converted
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_GRAPH_H_
