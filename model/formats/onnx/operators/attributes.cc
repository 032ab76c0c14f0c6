#include "model/formats/onnx/operators/attributes.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Files before IR version 2 omit the type. They are not supported, so 0 is an error here too.
std::string AttributeTypeName(int type) {
  return onnx::AttributeProto_AttributeType_IsValid(type)
             ? onnx::AttributeProto_AttributeType_Name(
                   static_cast<onnx::AttributeProto_AttributeType>(type))
             : absl::StrCat(type);
}

std::string NamesOf(absl::Span<const OnnxAttribute> attributes) {
  return absl::StrJoin(attributes, ", ", [](std::string* text, const OnnxAttribute& attribute) {
    absl::StrAppend(text, attribute.name);
  });
}

}  // namespace

absl::Status CheckAttributes(const onnx::NodeProto& node, absl::Span<const OnnxAttribute> known) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    const auto* const found = std::find_if(
        known.begin(), known.end(),
        [&](const OnnxAttribute& candidate) { return candidate.name == attribute.name(); });
    if (found == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("attribute ", Quote(attribute.name()), " is unknown for this operator; ",
                       known.empty() ? "expected none" : "known are ", NamesOf(known)));
    }
    if (!attribute.ref_attr_name().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attribute ", Quote(attribute.name()), " refers to the attribute ",
          Quote(attribute.ref_attr_name()), " of a function; expected that in functions only"));
    }
    if (attribute.type() != found->type) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attribute ", Quote(attribute.name()), " has type ", AttributeTypeName(attribute.type()),
          "; expected ", AttributeTypeName(found->type)));
    }
    if (FindAttribute(node, attribute.name()) != &attribute) {
      return absl::InvalidArgumentError(
          absl::StrCat("attribute ", Quote(attribute.name()), " occurs twice; expected once"));
    }
  }
  return absl::OkStatus();
}

const onnx::AttributeProto* FindAttribute(const onnx::NodeProto& node, absl::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

float FloatAttribute(const onnx::NodeProto& node, absl::string_view name, float default_value) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  return attribute == nullptr ? default_value : attribute->f();
}

std::int64_t IntegerAttribute(const onnx::NodeProto& node, absl::string_view name,
                              std::int64_t default_value) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  return attribute == nullptr ? default_value : attribute->i();
}

std::optional<std::vector<std::int64_t>> IntegersAttribute(const onnx::NodeProto& node,
                                                           absl::string_view name) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  if (attribute == nullptr) return std::nullopt;
  return std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end());
}

}  // namespace mlp
