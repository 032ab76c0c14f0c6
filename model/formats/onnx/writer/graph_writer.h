// Builds the graph of an ONNX file, node by node.

#ifndef MLP_MODEL_FORMATS_ONNX_WRITER_GRAPH_WRITER_H_
#define MLP_MODEL_FORMATS_ONNX_WRITER_GRAPH_WRITER_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "model/datatype.h"

namespace mlp {

// The domain of scikit-learn's operators.
inline constexpr char kOnnxMlDomain[] = "ai.onnx.ml";

// ONNX's number for the element type.
std::int32_t OnnxTypeOf(Datatype datatype);

// Adds nodes and constants to a graph and gives each tensor a unique name that differs from those
// of the network's inputs and outputs. Not thread-safe.
class OnnxGraphWriter final {
 public:
  // `graph` must outlive the writer.
  explicit OnnxGraphWriter(onnx::GraphProto& graph) : graph_(graph) {}

  // Reserves `name` for an input or an output.
  void Reserve(const std::string& name) { taken_.insert(name); }

  // `name`, with a number appended if it is taken.
  std::string NewName(const std::string& name);

  // Each adds a constant with a name based on `name` and returns its actual name.
  std::string AddFloats(const std::string& name, const std::vector<std::int64_t>& dimensions,
                        const std::vector<float>& values);
  std::string AddIntegers(const std::string& name, const std::vector<std::int64_t>& values);

  // A scalar of type INT8 or UINT8.
  std::string AddByte(const std::string& name, bool is_signed, std::int32_t value);

  // Adds a node with the output `output`.
  onnx::NodeProto& AddNode(const std::string& operation, const std::vector<std::string>& inputs,
                           const std::string& output);

  // The same with a new output, whose name is based on `name` and returned.
  std::string AddStep(const std::string& operation, const std::vector<std::string>& inputs,
                      const std::string& name);

  // The last node added.
  onnx::NodeProto& last() { return *graph_.mutable_node(graph_.node_size() - 1); }

  // The domains of nodes outside ONNX's own domain.
  const std::set<std::string>& domains() const { return domains_; }

  // Sets the last node's domain to `domain`, or to kOnnxMlDomain.
  void SetLastDomain(const std::string& domain);
  void MakeLastMl() { SetLastDomain(kOnnxMlDomain); }

  // Converts `condition`, of type BOOL, to 0 and 1 in FP32. The new tensor's name is based on
  // `name`.
  std::string FromCondition(const std::string& condition, const std::string& name);

  // Whether each of `values` differs from 0, as BOOL; if FromCondition made them, the original
  // condition.
  std::string AsCondition(const std::string& values);

 private:
  std::string AddTensor(const std::string& name, const std::vector<std::int64_t>& dimensions,
                        std::int32_t type, const void* data, std::size_t bytes);

  onnx::GraphProto& graph_;
  absl::flat_hash_set<std::string> taken_;
  std::int64_t names_made_ = 0;
  std::set<std::string> domains_;
  absl::flat_hash_map<std::string, std::string> conditions_;  // by the values made from them
};

// Each sets an attribute.
void SetFloat(onnx::NodeProto& node, const std::string& name, float value);
void SetFloats(onnx::NodeProto& node, const std::string& name, const std::vector<float>& values);
void SetInteger(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void SetIntegers(onnx::NodeProto& node, const std::string& name,
                 const std::vector<std::int64_t>& values);
void SetStrings(onnx::NodeProto& node, const std::string& name,
                const std::vector<std::string>& values);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_GRAPH_WRITER_H_
