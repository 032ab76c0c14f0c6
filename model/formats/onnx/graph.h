// Converts the nodes of an ONNX graph, and of the functions that a file defines, and stores what
// each of their tensors is. The cost is limited in proportion to the file's size, however often it
// calls its functions.

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

// Tensors by name. The names belong to the parsed file.
class OnnxScope final {
 public:
  // Find also searches `outer`, which must outlive this scope.
  explicit OnnxScope(const OnnxScope* outer = nullptr) : outer_(outer) {}

  absl::Status Add(absl::string_view name, OnnxValue&& value);

  // Null if there is none.
  const OnnxValue* Find(absl::string_view name) const;

 private:
  const OnnxScope* outer_;
  absl::flat_hash_map<absl::string_view, OnnxValue> values_;
};

class OnnxGraph final {
 public:
  // The model must outlive the graph.
  OnnxGraph(const onnx::ModelProto& model, OnnxConversion& conversion);

  // Converts the graph's nodes, in order. REQUIRES: the scope holds the graph's inputs and
  // initializers.
  absl::Status AddNodes(OnnxScope& scope);

 private:
  using FunctionKey = std::pair<absl::string_view, absl::string_view>;  // domain and name
  using Attributes = absl::flat_hash_map<absl::string_view, const onnx::AttributeProto*>;

  // The parts of a function that a call needs, looked up once.
  struct Function {
    const onnx::FunctionProto* proto = nullptr;
    std::optional<std::int64_t> opset;  // nothing if it is the caller's
    bool refers = false;                // whether a node has an attribute that refers to the
                                        // function's
    Attributes defaults;
  };

  // A call of a function.
  struct FunctionCall {
    const Function& function;
    const onnx::NodeProto& caller;
    int depth;
    Attributes attributes;  // of the caller, if the function refers to any

    // The value of an attribute of the function; null if it has none.
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
  std::deque<onnx::NodeProto> made_nodes_;     // of functions, with attributes filled in
  std::int64_t calls_left_;                    // number of functions' nodes that may still be
                                               // converted
  std::int64_t call_bytes_left_;               // bytes of functions' nodes that may still be
                                               // converted
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_GRAPH_H_
