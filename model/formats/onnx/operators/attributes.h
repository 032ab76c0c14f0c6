// An ONNX node's attributes, checked against those of its operator.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_ATTRIBUTES_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_ATTRIBUTES_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// An operator's attribute: its name and type.
struct OnnxAttribute {
  absl::string_view name;
  onnx::AttributeProto_AttributeType type;
};

// INVALID_ARGUMENT if `node` has an attribute that is not in `known`, has another type, occurs
// twice, or refers to a function's attribute.
absl::Status CheckAttributes(const onnx::NodeProto& node, absl::Span<const OnnxAttribute> known);

// The attribute `name`, or null. REQUIRES: CheckAttributes accepted the node.
const onnx::AttributeProto* FindAttribute(const onnx::NodeProto& node, absl::string_view name);

float FloatAttribute(const onnx::NodeProto& node, absl::string_view name, float default_value);
std::int64_t IntegerAttribute(const onnx::NodeProto& node, absl::string_view name,
                              std::int64_t default_value);
std::optional<std::vector<std::int64_t>> IntegersAttribute(const onnx::NodeProto& node,
                                                           absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_ATTRIBUTES_H_
