// Walks the nodes of an ONNX graph, and of the functions that a file defines for itself, and keeps
// what each of their tensors is. What a file may take thereby is in proportion to its size, however
// often it calls its functions.

#ifndef MLP_MODEL_FORMATS_ONNX_GRAPH_H_
#define MLP_MODEL_FORMATS_ONNX_GRAPH_H_

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/values/conversion.h"
#include "model/formats/onnx/values/value.h"

namespace mlp {

// Tensors by their names, which the parsed file keeps.
class OnnxScope final {
 public:
  // What `outer` holds is found, too; it must outlive this.
  explicit OnnxScope(const OnnxScope* outer = nullptr) : outer_(outer) {}

  absl::Status Add(absl::string_view name, OnnxValue&& value);

  // Null where there is none.
  const OnnxValue* Find(absl::string_view name) const;

 private:
  const OnnxScope* outer_;
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
  using Attributes = absl::flat_hash_map<absl::string_view, const onnx::AttributeProto*>;

  // What a call needs of a function, looked up once.
  struct Function {
    const onnx::FunctionProto* proto = nullptr;
    std::optional<std::int64_t> opset;  // none where it is the caller's
    bool refers = false;                // whether a node has an attribute that is the function's
    Attributes defaults;
  };

  // A call of a function.
  struct FunctionCall {
    const Function& function;
    const onnx::NodeProto& caller;
    int depth;
    Attributes attributes;  // of the caller, where the function refers to any

    // The value of an attribute of the function; null where it has none.
    const onnx::AttributeProto* Find(absl::string_view name) const;
  };

  absl::Status AddFunction(const onnx::FunctionProto& proto);

  absl::Status AddNode(const onnx::NodeProto& node, int depth, OnnxScope& scope);
  absl::Status Call(const Function& function, const onnx::NodeProto& node, int depth,
                    OnnxScope& scope);
  absl::Status AddBranch(const onnx::NodeProto& node, const OnnxValue* condition, int depth,
                         OnnxScope& scope);
  absl::Status AddFunctionNode(const onnx::NodeProto& node, const FunctionCall& call,
                               OnnxScope& scope);
  absl::StatusOr<const onnx::NodeProto*> WithAttributes(const onnx::NodeProto& node,
                                                        const FunctionCall& call);
  absl::Status CountRowNodes(const onnx::NodeProto& node, std::size_t first);

  const onnx::ModelProto& model_;
  OnnxConversion& conversion_;
  absl::flat_hash_map<FunctionKey, Function> functions_;
  std::deque<onnx::AttributeProto> defaults_;  // of functions
  std::deque<onnx::NodeProto> made_nodes_;     // of functions, with their attributes filled in
  std::int64_t calls_left_;                    // nodes of functions that may still be converted
  std::int64_t call_bytes_left_;               // that these may still have
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_GRAPH_H_
