#include "model/formats/onnx/free_features.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace mlp {
namespace {

using Dimensions = google::protobuf::RepeatedField<std::int64_t>;

// Operators that keep the shape of their input.
bool KeepsShape(const onnx::NodeProto& node) {
  static const auto* const names = new absl::flat_hash_set<absl::string_view>{
      "Cast", "Clip",    "Dropout", "Identity", "Imputer", "Scaler", "Normalizer", "Relu",
      "Tanh", "Sigmoid", "Neg",     "Log",      "Exp",     "Sqrt",   "Abs",        "Sign",
      "Add",  "Sub",     "Mul",     "Div",      "Pow",     "Max",    "Min"};
  return names->contains(node.op_type());
}

bool Transposes(const onnx::NodeProto& node) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "transB") return attribute.i() != 0;
  }
  return false;
}

// The number of rows of the weights, or of values in the constants of a unit-by-unit operator.
std::optional<std::int64_t> FeaturesAt(const onnx::NodeProto& node, const Dimensions& constant) {
  const std::string& type = node.op_type();
  if (type == "MatMul" && constant.size() >= 2) return constant.Get(constant.size() - 2);
  if (type == "Gemm" && constant.size() == 2) return constant.Get(Transposes(node) ? 1 : 0);
  if (type == "BatchNormalization" && constant.size() == 1) return constant.Get(0);
  if (KeepsShape(node) && !constant.empty() && constant.Get(constant.size() - 1) > 1) {
    return constant.Get(constant.size() - 1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> FeaturesOfWeights(const onnx::GraphProto& graph,
                                              absl::string_view input) {
  absl::flat_hash_map<absl::string_view, const Dimensions*> constants;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    constants.emplace(tensor.name(), &tensor.dims());
  }
  absl::flat_hash_set<absl::string_view> same = {input};
  for (const onnx::NodeProto& node : graph.node()) {
    if (node.op_type() == "Constant" && node.output_size() == 1) {
      for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.has_t()) constants.emplace(node.output(0), &attribute.t().dims());
      }
    }
    bool reads = false;
    for (const std::string& name : node.input()) reads = reads || same.contains(name);
    if (!reads) continue;
    for (const std::string& name : node.input()) {
      const auto constant = constants.find(name);
      if (constant == constants.end()) continue;
      // The weights are the right operand.
      const bool of_layer = node.op_type() == "MatMul" || node.op_type() == "Gemm";
      if (of_layer && (!same.contains(node.input(0)) || name != node.input(1))) continue;
      if (auto features = FeaturesAt(node, *constant->second)) return features;
    }
    if (KeepsShape(node) && node.output_size() > 0) same.insert(node.output(0));
  }
  return std::nullopt;
}

}  // namespace mlp
