#include "model/formats/onnx/functions.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/formats/io/memory_bound.h"
#include "model/formats/onnx/node_cost.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/parsed_size.h"

namespace mlp {
namespace {

bool Refers(const onnx::NodeProto& node) {
  return std::any_of(
      node.attribute().begin(), node.attribute().end(),
      [](const onnx::AttributeProto& attribute) { return !attribute.ref_attr_name().empty(); });
}

}  // namespace

OnnxFunctionCall CallOf(const OnnxFunction& function, const onnx::NodeProto& caller) {
  OnnxFunctionCall call{function, caller, {}};
  if (!function.refers) return call;
  for (const onnx::AttributeProto& attribute : caller.attribute()) {
    call.attributes.emplace(attribute.name(), &attribute);
  }
  return call;
}

const onnx::AttributeProto* OnnxFunctionCall::Find(absl::string_view name) const {
  const auto given = attributes.find(name);
  if (given != attributes.end()) return given->second;
  const auto default_attribute = function.defaults.find(name);
  return default_attribute == function.defaults.end() ? nullptr : default_attribute->second;
}

// Debian's ONNX schema lacks the field with the attributes' defaults, so it is read as an unknown
// field.
absl::Status OnnxFunctions::Add(const onnx::FunctionProto& proto, ConstantLimits& limits) {
  const auto [entry, is_new] = functions_.try_emplace(Key(proto.domain(), proto.name()));
  if (!is_new) return absl::OkStatus();
  OnnxFunction& function = entry->second;
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
    const absl::StatusOr<std::int64_t> bytes = ParsedBytes(
        *onnx::AttributeProto::descriptor(), wire, limits.most_memory - limits.memory_used);
    if (!bytes.ok()) continue;
    limits.memory_used += *bytes + std::int64_t{sizeof(onnx::AttributeProto)};
    if (auto room = CheckMemory(limits.memory_used, limits.most_memory); !room.ok()) {
      return room;
    }
    onnx::AttributeProto& parsed = defaults_.emplace_back();
    if (parsed.ParseFromString(wire)) function.defaults.emplace(parsed.name(), &parsed);
  }
  return absl::OkStatus();
}

const OnnxFunction* OnnxFunctions::Find(absl::string_view domain, absl::string_view name) const {
  const auto found = functions_.find(Key(domain, name));
  return found == functions_.end() ? nullptr : &found->second;
}

absl::StatusOr<const onnx::NodeProto*> OnnxFunctions::NodeOfCall(const onnx::NodeProto& node,
                                                                 const OnnxFunctionCall& call,
                                                                 ConstantLimits& limits) {
  if (!Refers(node)) return &node;
  // Counts everything before it copies anything.
  std::vector<const onnx::AttributeProto*> values;
  values.reserve(static_cast<std::size_t>(node.attribute_size()));
  std::int64_t bytes = BytesOfNode(node);
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const bool refers = !attribute.ref_attr_name().empty();
    const onnx::AttributeProto* value = refers ? call.Find(attribute.ref_attr_name()) : &attribute;
    if (value != nullptr) bytes += static_cast<std::int64_t>(value->SpaceUsedLong());
    values.push_back(value);
    if (bytes > limits.bytes_left) break;
  }
  if (auto status = TakeBytes(absl::StrCat(NodeText(call.caller), ": the nodes of its function"),
                              bytes, limits);
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
