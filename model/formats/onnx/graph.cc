#include "model/formats/onnx/graph.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/onnx/node_cost.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

// How deep function calls may be nested; exporters nest three or four deep.
constexpr int kDeepestCall = 16;

// Limits how many nodes the calls of functions convert: this many for each node of the file, more
// than any exporter needs. Their bytes are limited in the same proportion, because a node may be
// long. Without limits, functions that each call another function twice would keep a short file
// running for hours.
constexpr std::int64_t kCallsForEachNode = 64;
constexpr std::int64_t kCallBytesForAnyFile = std::int64_t{16} << 20;

// A node of the row graph and its plan, with the spare room of growing vectors.
constexpr std::int64_t kCopiesOfARowNode = 3;

// A value and its name in the graph's scope, a hash map that is kept and at most half empty.
constexpr std::int64_t kBytesOfAName =
    2 * static_cast<std::int64_t>(sizeof(absl::string_view) + sizeof(OnnxValue));

}  // namespace

OnnxGraph::OnnxGraph(const onnx::ModelProto& model, OnnxConversion& conversion)
    : model_(model),
      conversion_(conversion),
      calls_left_(kCallsForEachNode * NodesInside(model.graph())),
      call_bytes_left_(kCallBytesForAnyFile +
                       kCallsForEachNode * BytesOfNodes(model.graph().node())) {
  for (const onnx::FunctionProto& function : model.functions()) {
    calls_left_ += kCallsForEachNode * function.node_size();
    call_bytes_left_ += kCallsForEachNode * BytesOfNodes(function.node());
  }
}

absl::Status OnnxGraph::AddNodes(OnnxScope& scope) {
  for (const onnx::FunctionProto& function : model_.functions()) {
    if (auto status = functions_.Add(function, conversion_.limits); !status.ok()) return status;
  }
  for (const onnx::NodeProto& node : model_.graph().node()) {
    if (auto status = AddNode(node, 0, scope); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OnnxGraph::AddNode(const onnx::NodeProto& node, int depth, OnnxScope& scope) {
  if (depth == 0) conversion_.limits.memory_used += node.output_size() * kBytesOfAName;
  std::vector<const OnnxValue*> inputs;
  for (const std::string& name : node.input()) {
    const OnnxValue* value = name.empty() ? nullptr : scope.Find(name);
    if (value == nullptr && !name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), " reads ", Quote(name), ", which no earlier node computes; ",
                       "expected an input, an initializer or the output of an earlier node"));
    }
    inputs.push_back(value);
  }
  if (node.output_size() == 0 || node.output(0).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(NodeText(node), " has an output without a name; expected a name"));
  }
  for (const std::string& name : node.output()) {
    if (scope.Find(name) == nullptr) continue;
    return absl::InvalidArgumentError(absl::StrCat(NodeText(node), " computes ", Quote(name),
                                                   ", which exists already; expected a new name"));
  }
  if (const OnnxFunction* function = functions_.Find(node.domain(), node.op_type())) {
    return Call(*function, node, depth, scope);
  }
  const bool of_onnx = node.domain().empty() || node.domain() == "ai.onnx";
  if (of_onnx && node.op_type() == "If") {
    return AddBranch(node, inputs.empty() ? nullptr : inputs[0], depth, scope);
  }
  const std::size_t row_nodes = conversion_.graph.nodes.size();
  absl::StatusOr<std::vector<OnnxValue>> values = ConvertNode(node, inputs, conversion_);
  if (!values.ok()) return values.status();
  if (auto status = CountRowNodes(node, row_nodes); !status.ok()) return status;
  for (int i = 0; i < node.output_size(); ++i) {
    const std::string& name = node.output(i);
    if (name.empty()) continue;
    if (static_cast<std::size_t>(i) >= values->size()) {
      return absl::UnimplementedError(absl::StrCat(
          NodeText(node), " has the output ", i + 1, " (", Quote(name), "); supported ",
          values->size() == 1 ? "is only the first one"
                              : absl::StrCat("are only the first ", values->size()),
          ", which inference needs"));
    }
    auto status = scope.Add(name, std::move((*values)[static_cast<std::size_t>(i)]));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// A node of a few bytes may make many row nodes: Gather makes one for each unit that it picks.
absl::Status OnnxGraph::CountRowNodes(const onnx::NodeProto& node, std::size_t first) {
  std::int64_t bytes = 0;
  for (std::size_t i = first; i < conversion_.graph.nodes.size(); ++i) {
    bytes += BytesOfRowNode(conversion_.graph.nodes[i]);
  }
  conversion_.row_bytes_left -= bytes;
  if (conversion_.row_bytes_left < 0) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node), ": the nodes' results take many times the file's size; ",
                     "supported are 64 times that plus 32 MiB"));
  }
  conversion_.limits.memory_used += kCopiesOfARowNode * bytes;
  return CheckMemory(conversion_.limits.memory_used, conversion_.limits.most_memory);
}

// A function has a separate scope, with its inputs and the results of its nodes.
absl::Status OnnxGraph::Call(const OnnxFunction& callee, const onnx::NodeProto& node, int depth,
                             OnnxScope& scope) {
  const onnx::FunctionProto& function = *callee.proto;
  if (depth == kDeepestCall) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node), ": functions call each other deeper than ", kDeepestCall,
                     " levels; at most ", kDeepestCall, " are supported"));
  }
  OnnxScope inside;
  for (int i = 0; i < function.input_size() && i < node.input_size(); ++i) {
    const OnnxValue* value = scope.Find(node.input(i));
    if (value == nullptr) continue;  // an omitted input
    if (auto status = inside.Add(function.input(i), OnnxValue(*value)); !status.ok()) return status;
  }
  const OnnxFunctionCall call = CallOf(callee, node);
  std::int64_t opset = callee.opset.value_or(conversion_.opset);
  std::swap(opset, conversion_.opset);
  for (const onnx::NodeProto& its_node : function.node()) {
    if (auto status = AddFunctionNode(its_node, call, depth, inside); !status.ok()) return status;
  }
  std::swap(opset, conversion_.opset);
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    const OnnxValue* value = i < function.output_size() ? inside.Find(function.output(i)) : nullptr;
    if (value == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), ": the function does not compute its output ", i + 1, " (",
                       Quote(node.output(i)), "); expected a node that does"));
    }
    if (auto status = scope.Add(node.output(i), OnnxValue(*value)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Converts the branch of an If whose condition is known: a graph that also sees the surrounding
// scope.
absl::Status OnnxGraph::AddBranch(const onnx::NodeProto& node, const OnnxValue* condition,
                                  int depth, OnnxScope& scope) {
  if (depth == kDeepestCall) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node), ": branches are nested deeper than ", kDeepestCall,
                     " levels; at most ", kDeepestCall, " are supported"));
  }
  std::optional<bool> holds;
  if (condition != nullptr && std::holds_alternative<ShapeList>(*condition)) {
    const auto& list = std::get<ShapeList>(*condition);
    if (list.entries.size() == 1) holds = list.entries[0] != 0;
  } else if (condition != nullptr && std::holds_alternative<OnnxConstant>(*condition)) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers(std::get<OnnxConstant>(*condition), conversion_.limits);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() == 1) holds = numbers->values[0] != 0.0;
  }
  if (!holds.has_value()) {
    return absl::UnimplementedError(
        absl::StrCat(NodeText(node),
                     ": its condition depends on the network's input, so rows would take different "
                     "branches; supported are conditions that are known when the file is read, and "
                     "Where of both branches instead"));
  }
  const absl::string_view name = *holds ? "then_branch" : "else_branch";
  const auto branch =
      std::find_if(node.attribute().begin(), node.attribute().end(),
                   [&](const onnx::AttributeProto& attribute) { return attribute.name() == name; });
  if (branch == node.attribute().end() || !branch->has_g() ||
      branch->g().output_size() != node.output_size()) {
    return absl::InvalidArgumentError(absl::StrCat(NodeText(node), " has no graph '", name, "' of ",
                                                   CountText(node.output_size(), "output"),
                                                   "; expected one"));
  }
  OnnxScope inside(&scope);
  for (const onnx::TensorProto& initializer : branch->g().initializer()) {
    auto status = inside.Add(initializer.name(), OnnxConstant{&initializer});
    if (!status.ok()) return status;
  }
  for (const onnx::NodeProto& its_node : branch->g().node()) {
    if (--calls_left_ < 0) {
      return absl::UnimplementedError(absl::StrCat(
          NodeText(node), ": the file's branches expand to more than ", kCallsForEachNode,
          " times its nodes; at most ", kCallsForEachNode, " times are supported"));
    }
    if (auto status = AddNode(its_node, depth + 1, inside); !status.ok()) return status;
  }
  for (int i = 0; i < node.output_size(); ++i) {
    if (node.output(i).empty()) continue;
    const OnnxValue* value = inside.Find(branch->g().output(i).name());
    if (value == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), ": its branch does not compute its output ", i + 1, " (",
                       Quote(node.output(i)), "); expected a node that does"));
    }
    if (auto status = scope.Add(node.output(i), OnnxValue(*value)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OnnxGraph::AddFunctionNode(const onnx::NodeProto& node, const OnnxFunctionCall& call,
                                        int depth, OnnxScope& scope) {
  if (--calls_left_ < 0) {
    return absl::UnimplementedError(absl::StrCat(
        NodeText(call.caller), ": the file's functions expand to more than ", kCallsForEachNode,
        " times its nodes; at most ", kCallsForEachNode, " times are supported"));
  }
  call_bytes_left_ -= BytesOfNode(node);
  if (call_bytes_left_ < 0) {
    return absl::UnimplementedError(absl::StrCat(
        NodeText(call.caller), ": the file's functions expand to more than ", kCallsForEachNode,
        " times its nodes' bytes; at most ", kCallsForEachNode, " times are supported"));
  }
  const absl::StatusOr<const onnx::NodeProto*> call_node =
      functions_.NodeOfCall(node, call, conversion_.limits);
  return call_node.ok() ? AddNode(**call_node, depth + 1, scope) : call_node.status();
}

}  // namespace mlp
