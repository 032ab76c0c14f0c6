#include "model/formats/onnx/graph.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/parsed_size.h"
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

std::int64_t BytesOfNames(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return std::accumulate(
      names.begin(), names.end(), std::int64_t{0}, [](std::int64_t sum, const std::string& name) {
        return sum + static_cast<std::int64_t>(sizeof(std::string) + name.size());
      });
}

// The bytes that converting a node visits, without its tensors: reading those is counted
// separately.
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

template <typename Nodes>
std::int64_t BytesOfNodes(const Nodes& nodes) {
  return std::accumulate(
      nodes.begin(), nodes.end(), std::int64_t{0},
      [](std::int64_t sum, const onnx::NodeProto& node) { return sum + BytesOfNode(node); });
}

// The bytes of a row node's operation, without weights, which were counted when they were read.
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

std::int64_t BytesOfRowNode(const RowNode& node) {
  return static_cast<std::int64_t>(sizeof(node) + node.operands.size() * sizeof(RowNodeId) +
                                   node.values.size() * sizeof(double) + node.text.size() +
                                   BytesOfDetail(node.detail));
}

// A node of the row graph and its plan, with the spare room of growing vectors.
constexpr std::int64_t kCopiesOfARowNode = 3;

// A value and its name in the graph's scope, a hash map that is kept and at most half empty.
constexpr std::int64_t kBytesOfAName =
    2 * static_cast<std::int64_t>(sizeof(absl::string_view) + sizeof(OnnxValue));

// Includes the branches of a graph's nodes, which are converted like a function's nodes.
std::int64_t NodesInside(const onnx::GraphProto& graph) {
  std::int64_t nodes = graph.node_size();
  for (const onnx::NodeProto& node : graph.node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) nodes += NodesInside(attribute.g());
    }
  }
  return nodes;
}

bool Refers(const onnx::NodeProto& node) {
  return std::any_of(
      node.attribute().begin(), node.attribute().end(),
      [](const onnx::AttributeProto& attribute) { return !attribute.ref_attr_name().empty(); });
}

}  // namespace

absl::Status OnnxScope::Add(absl::string_view name, OnnxValue&& value) {
  if (values_.emplace(name, std::move(value)).second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the tensor ", Quote(name), " is defined twice; expected once"));
}

const OnnxValue* OnnxScope::Find(absl::string_view name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  return outer_ == nullptr ? nullptr : outer_->Find(name);
}

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

// Debian's ONNX schema lacks the field with the attributes' defaults, so it is read as an unknown
// field.
absl::Status OnnxGraph::AddFunction(const onnx::FunctionProto& proto) {
  const auto [entry, is_new] = functions_.try_emplace(FunctionKey(proto.domain(), proto.name()));
  if (!is_new) return absl::OkStatus();
  Function& function = entry->second;
  function.proto = &proto;
  for (const onnx::OperatorSetIdProto& import : proto.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") function.opset = import.version();
  }
  function.refers = std::any_of(proto.node().begin(), proto.node().end(), Refers);
  constexpr int kAttributeProto = 11;
  const google::protobuf::UnknownFieldSet& fields = proto.GetReflection()->GetUnknownFields(proto);
  for (int i = 0; i < fields.field_count(); ++i) {
    const google::protobuf::UnknownField& field = fields.field(i);
    if (field.number() != kAttributeProto ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    const std::string& wire = field.length_delimited();
    const absl::StatusOr<std::int64_t> bytes =
        ParsedBytes(*onnx::AttributeProto::descriptor(), wire,
                    conversion_.limits.most_memory - conversion_.limits.memory_used);
    if (!bytes.ok()) continue;
    conversion_.limits.memory_used += *bytes + std::int64_t{sizeof(onnx::AttributeProto)};
    if (auto room = CheckMemory(conversion_.limits.memory_used, conversion_.limits.most_memory);
        !room.ok()) {
      return room;
    }
    onnx::AttributeProto& parsed = defaults_.emplace_back();
    if (parsed.ParseFromString(wire)) function.defaults.emplace(parsed.name(), &parsed);
  }
  return absl::OkStatus();
}

absl::Status OnnxGraph::AddNodes(OnnxScope& scope) {
  for (const onnx::FunctionProto& function : model_.functions()) {
    if (auto status = AddFunction(function); !status.ok()) return status;
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
  const auto function = functions_.find(FunctionKey(node.domain(), node.op_type()));
  if (function != functions_.end()) return Call(function->second, node, depth, scope);
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

const onnx::AttributeProto* OnnxGraph::FunctionCall::Find(absl::string_view name) const {
  const auto given = attributes.find(name);
  if (given != attributes.end()) return given->second;
  const auto otherwise = function.defaults.find(name);
  return otherwise == function.defaults.end() ? nullptr : otherwise->second;
}

// A function has a separate scope, with its inputs and the results of its nodes.
absl::Status OnnxGraph::Call(const Function& callee, const onnx::NodeProto& node, int depth,
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
  FunctionCall call{callee, node, depth, {}};
  if (callee.refers) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      call.attributes.emplace(attribute.name(), &attribute);
    }
  }
  std::int64_t opset = callee.opset.value_or(conversion_.opset);
  std::swap(opset, conversion_.opset);
  for (const onnx::NodeProto& its_node : function.node()) {
    if (auto status = AddFunctionNode(its_node, call, inside); !status.ok()) return status;
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

absl::Status OnnxGraph::AddFunctionNode(const onnx::NodeProto& node, const FunctionCall& call,
                                        OnnxScope& scope) {
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
  if (!Refers(node)) return AddNode(node, call.depth + 1, scope);
  const absl::StatusOr<const onnx::NodeProto*> made = WithAttributes(node, call);
  return made.ok() ? AddNode(**made, call.depth + 1, scope) : made.status();
}

// Returns a copy in which attributes that refer to the function's take the call's value or the
// function's default; without either, they are omitted. The copy is kept, because converted nodes
// refer to it.
absl::StatusOr<const onnx::NodeProto*> OnnxGraph::WithAttributes(const onnx::NodeProto& node,
                                                                 const FunctionCall& call) {
  // Counts everything before it copies anything.
  std::vector<const onnx::AttributeProto*> values;
  values.reserve(static_cast<std::size_t>(node.attribute_size()));
  std::int64_t bytes = BytesOfNode(node);
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const bool refers = !attribute.ref_attr_name().empty();
    const onnx::AttributeProto* value = refers ? call.Find(attribute.ref_attr_name()) : &attribute;
    if (value != nullptr) bytes += static_cast<std::int64_t>(value->SpaceUsedLong());
    values.push_back(value);
    if (bytes > conversion_.limits.bytes_left) break;
  }
  if (auto status = TakeBytes(absl::StrCat(NodeText(call.caller), ": the nodes of its function"),
                              bytes, conversion_.limits);
      !status.ok()) {
    return status;
  }
  onnx::NodeProto& made = made_nodes_.emplace_back();
  made.set_name(node.name());
  made.set_op_type(node.op_type());
  made.set_domain(node.domain());
  *made.mutable_input() = node.input();
  *made.mutable_output() = node.output();
  for (int i = 0; i < node.attribute_size(); ++i) {
    const onnx::AttributeProto* value = values[static_cast<std::size_t>(i)];
    if (value == nullptr) continue;
    onnx::AttributeProto& copy = *made.add_attribute();
    copy = *value;
    copy.set_name(node.attribute(i).name());
  }
  return &made;
}

}  // namespace mlp
