// The attributes of an ONNX node, checked against what its operator has.

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

// The name and the type of an attribute that an operator has.
struct OnnxAttribute {
  absl::string_view name;
  onnx::AttributeProto_AttributeType type;
};

// INVALID_ARGUMENT where `node` has an attribute that is not `known`, one of another type, one
// twice, or one that refers to a function's.
absl::Status CheckAttributes(const onnx::NodeProto& node, absl::Span<const OnnxAttribute> known);

// The attribute `name` of a node that CheckAttributes passed; null where the node has none.
const onnx::AttributeProto* FindAttribute(const onnx::NodeProto& node, absl::string_view name);

float FloatAttribute(const onnx::NodeProto& node, absl::string_view name, float otherwise);
std::int64_t IntegerAttribute(const onnx::NodeProto& node, absl::string_view name,
                              std::int64_t otherwise);
std::optional<std::vector<std::int64_t>> IntegersAttribute(const onnx::NodeProto& node,
                                                           absl::string_view name);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_ATTRIBUTES_H_
