#include "model/formats/onnx_graph.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// How deep functions may call each other: exporters nest three or four deep.
constexpr int kDeepestCall = 16;

// Functions that call others twice each would make a short file run for hours. A file may convert
// this many nodes for each it has, which is more than any exporter's.
constexpr std::int64_t kCallsForEachNode = 64;

std::int64_t NodesOf(const onnx::ModelProto& model) {
  std::int64_t nodes = model.graph().node_size();
  for (const onnx::FunctionProto& function : model.functions()) nodes += function.node_size();
  return nodes;
}

const onnx::AttributeProto* AttributeOf(const onnx::NodeProto& node, const std::string& name) {
  const auto found =
      std::find_if(node.attribute().begin(), node.attribute().end(),
                   [&](const onnx::AttributeProto& attribute) { return attribute.name() == name; });
  return found == node.attribute().end() ? nullptr : &*found;
}

// The default of a function's attribute. The schema that Debian has knows no such field yet.
bool DefaultOf(const onnx::FunctionProto& function, const std::string& name,
               onnx::AttributeProto& otherwise) {
  constexpr int kAttributeProto = 11;
  const google::protobuf::UnknownFieldSet& fields =
      function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    if (field.number() == kAttributeProto &&
        field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED &&
        otherwise.ParseFromString(field.length_delimited()) && otherwise.name() == name) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status OnnxScope::Add(absl::string_view name, OnnxValue&& value) {
  if (values_.emplace(name, std::move(value)).second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the tensor ", Quote(name), " is made twice; expected once"));
}

const OnnxValue* OnnxScope::Find(absl::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

OnnxGraph::OnnxGraph(const onnx::ModelProto& model, OnnxConversion& conversion)
    : model_(model), conversion_(conversion), calls_left_(kCallsForEachNode * NodesOf(model)) {
  for (const onnx::FunctionProto& function : model.functions()) {
    functions_.emplace(FunctionKey(function.domain(), function.name()), &function);
  }
}

absl::Status OnnxGraph::AddNodes(OnnxScope& scope) {
  for (const onnx::NodeProto& node : model_.graph().node()) {
    if (auto status = AddNode(node, 0, scope); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OnnxGraph::AddNode(const onnx::NodeProto& node, int depth, OnnxScope& scope) {
  std::vector<const OnnxValue*> inputs;
  for (const std::string& name : node.input()) {
    const OnnxValue* value = name.empty() ? nullptr : scope.Find(name);
    if (value == nullptr && !name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), " reads ", Quote(name), ", which nothing before it makes"));
    }
    inputs.push_back(value);
  }
  if (node.output_size() == 0 || node.output(0).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(NodeText(node), " has an output without a name; expected a name"));
  }
  for (const std::string& name : node.output()) {
    if (scope.Find(name) == nullptr) continue;
    return absl::InvalidArgumentError(absl::StrCat(NodeText(node), " makes ", Quote(name),
                                                   ", which is there already; expected a new "
                                                   "name"));
  }
  const auto function = functions_.find(FunctionKey(node.domain(), node.op_type()));
  if (function != functions_.end()) return Call(*function->second, node, depth, scope);
  absl::StatusOr<std::vector<OnnxValue>> values = ConvertNode(node, inputs, conversion_);
  if (!values.ok()) return values.status();
  for (int i = 0; i < node.output_size(); ++i) {
    const std::string& name = node.output(i);
    if (name.empty()) continue;
    if (static_cast<std::size_t>(i) >= values->size()) {
      return absl::UnimplementedError(absl::StrCat(NodeText(node), " has ", node.output_size(),
                                                   " outputs; supported is ", values->size()));
    }
    auto status = scope.Add(name, std::move((*values)[static_cast<std::size_t>(i)]));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// A function has a scope of its own: its inputs, and what its nodes make.
absl::Status OnnxGraph::Call(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                             int depth, OnnxScope& scope) {
  if (depth == kDeepestCall) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node), ": functions call each other ", "deeper than ", kDeepestCall));
  }
  OnnxScope inside;
  for (int i = 0; i < function.input_size() && i < node.input_size(); ++i) {
    const OnnxValue* value = scope.Find(node.input(i));
    if (value == nullptr) continue;  // left out
    if (auto status = inside.Add(function.input(i), OnnxValue(*value)); !status.ok()) return status;
  }
  std::int64_t opset = conversion_.opset;
  for (const onnx::OperatorSetIdProto& import : function.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  }
  std::swap(opset, conversion_.opset);
  for (const onnx::NodeProto& its_node : function.node()) {
    if (auto status = AddFunctionNode(its_node, node, function, depth, inside); !status.ok()) {
      return status;
    }
  }
  std::swap(opset, conversion_.opset);
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    const OnnxValue* value = i < function.output_size() ? inside.Find(function.output(i)) : nullptr;
    if (value == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), ": the function does not make ", "its output ", i + 1));
    }
    if (auto status = scope.Add(node.output(i), OnnxValue(*value)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Attributes that refer to the function's take the value of the call, the function's default, or,
// without either, are left out.
absl::Status OnnxGraph::AddFunctionNode(const onnx::NodeProto& node, const onnx::NodeProto& caller,
                                        const onnx::FunctionProto& function, int depth,
                                        OnnxScope& scope) {
  if (--calls_left_ < 0) {
    return absl::UnimplementedError(absl::StrCat(NodeText(caller),
                                                 ": the file's functions expand to more than ",
                                                 kCallsForEachNode, " times its nodes"));
  }
  const bool refers = std::any_of(
      node.attribute().begin(), node.attribute().end(),
      [](const onnx::AttributeProto& attribute) { return !attribute.ref_attr_name().empty(); });
  if (!refers) return AddNode(node, depth + 1, scope);
  onnx::NodeProto& made = made_nodes_.emplace_back();
  made.set_name(node.name());
  made.set_op_type(node.op_type());
  made.set_domain(node.domain());
  *made.mutable_input() = node.input();
  *made.mutable_output() = node.output();
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const onnx::AttributeProto* value = &attribute;
    onnx::AttributeProto otherwise;
    if (!attribute.ref_attr_name().empty()) {
      value = AttributeOf(caller, attribute.ref_attr_name());
      if (value == nullptr && DefaultOf(function, attribute.ref_attr_name(), otherwise)) {
        value = &otherwise;
      }
    }
    if (value == nullptr) continue;
    conversion_.limits.bytes_left -= static_cast<std::int64_t>(value->ByteSizeLong());
    onnx::AttributeProto& copy = *made.add_attribute();
    copy = *value;
    copy.set_name(attribute.name());
  }
  if (conversion_.limits.bytes_left < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(NodeText(caller), ": its attributes take many times the file's size"));
  }
  return AddNode(made, depth + 1, scope);
}

}  // namespace mlp
