#include "model/formats/onnx/node_cost.h"

#include <numeric>
#include <string>
#include <variant>

namespace mlp {
namespace {

std::int64_t BytesOfNames(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return std::accumulate(
      names.begin(), names.end(), std::int64_t{0}, [](std::int64_t sum, const std::string& name) {
        return sum + static_cast<std::int64_t>(sizeof(std::string) + name.size());
      });
}

std::size_t BytesOfDetail(const RowOperationDetail& detail) {
  if (const auto* selection = std::get_if<Selection>(&detail)) {
    return selection->units.size() * sizeof(std::int32_t);
  }
  if (const auto* function = std::get_if<UnitFunction>(&detail)) {
    return function->parameters.size() * sizeof(double);
  }
  if (const auto* imputation = std::get_if<Imputation>(&detail)) {
    return imputation->values.size() * sizeof(float);
  }
  // Tables come from the file's constants; their copies are counted like those of weights.
  return 0;
}

}  // namespace

std::int64_t BytesOfNode(const onnx::NodeProto& node) {
  std::int64_t bytes = static_cast<std::int64_t>(sizeof(node) + node.name().size() +
                                                 node.op_type().size() + node.domain().size()) +
                       BytesOfNames(node.input()) + BytesOfNames(node.output());
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    bytes += static_cast<std::int64_t>(sizeof(attribute) + attribute.name().size() +
                                       attribute.ref_attr_name().size() + attribute.s().size() +
                                       attribute.floats().size() * sizeof(float) +
                                       attribute.ints().size() * sizeof(std::int64_t));
    bytes += BytesOfNames(attribute.strings());
  }
  return bytes;
}

std::int64_t BytesOfNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes) {
  return std::accumulate(
      nodes.begin(), nodes.end(), std::int64_t{0},
      [](std::int64_t sum, const onnx::NodeProto& node) { return sum + BytesOfNode(node); });
}

std::int64_t NodesInside(const onnx::GraphProto& graph) {
  std::int64_t nodes = graph.node_size();
  for (const onnx::NodeProto& node : graph.node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) nodes += NodesInside(attribute.g());
    }
  }
  return nodes;
}

std::int64_t BytesOfRowNode(const RowNode& node) {
  return static_cast<std::int64_t>(sizeof(node) + node.operands.size() * sizeof(RowNodeId) +
                                   node.values.size() * sizeof(double) + node.text.size() +
                                   BytesOfDetail(node.detail));
}

}  // namespace mlp
