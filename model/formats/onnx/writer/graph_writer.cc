#include "model/formats/onnx/writer/graph_writer.h"

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

onnx::AttributeProto& AddAttribute(onnx::NodeProto& node, const std::string& name,
                                   onnx::AttributeProto_AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

std::int32_t OnnxTypeOf(Datatype datatype) {
  switch (datatype) {
    case Datatype::kBool:
      return onnx::TensorProto::BOOL;
    case Datatype::kUint8:
      return onnx::TensorProto::UINT8;
    case Datatype::kUint16:
      return onnx::TensorProto::UINT16;
    case Datatype::kUint32:
      return onnx::TensorProto::UINT32;
    case Datatype::kUint64:
      return onnx::TensorProto::UINT64;
    case Datatype::kInt8:
      return onnx::TensorProto::INT8;
    case Datatype::kInt16:
      return onnx::TensorProto::INT16;
    case Datatype::kInt32:
      return onnx::TensorProto::INT32;
    case Datatype::kInt64:
      return onnx::TensorProto::INT64;
    case Datatype::kFp16:
      return onnx::TensorProto::FLOAT16;
    case Datatype::kBf16:
      return onnx::TensorProto::BFLOAT16;
    case Datatype::kFp32:
      return onnx::TensorProto::FLOAT;
    case Datatype::kFp64:
      return onnx::TensorProto::DOUBLE;
    case Datatype::kBytes:
      return onnx::TensorProto::STRING;
  }
  return onnx::TensorProto::UNDEFINED;
}

std::string OnnxGraphWriter::NewName(const std::string& name) {
  std::string unique = name;
  while (!taken_.insert(unique).second) unique = absl::StrCat(name, "_", ++names_made_);
  return unique;
}

std::string OnnxGraphWriter::AddFloats(const std::string& name,
                                       const std::vector<std::int64_t>& dimensions,
                                       const std::vector<float>& values) {
  return AddTensor(name, dimensions, onnx::TensorProto::FLOAT, values.data(),
                   values.size() * sizeof(float));
}

std::string OnnxGraphWriter::AddIntegers(const std::string& name,
                                         const std::vector<std::int64_t>& values) {
  return AddTensor(name, {static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64,
                   values.data(), values.size() * sizeof(std::int64_t));
}

std::string OnnxGraphWriter::AddByte(const std::string& name, bool is_signed, std::int32_t value) {
  const auto byte = static_cast<std::uint8_t>(value);
  return AddTensor(name, {}, is_signed ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8, &byte,
                   sizeof(byte));
}

onnx::NodeProto& OnnxGraphWriter::AddNode(const std::string& operation,
                                          const std::vector<std::string>& inputs,
                                          const std::string& output) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(operation);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

std::string OnnxGraphWriter::AddStep(const std::string& operation,
                                     const std::vector<std::string>& inputs,
                                     const std::string& name) {
  std::string output = NewName(name);
  AddNode(operation, inputs, output);
  return output;
}

void OnnxGraphWriter::SetLastDomain(const std::string& domain) {
  last().set_domain(domain);
  domains_.insert(domain);
}

std::string OnnxGraphWriter::FromCondition(const std::string& condition, const std::string& name) {
  std::string values = AddStep("Cast", {condition}, name);
  SetInteger(last(), "to", onnx::TensorProto::FLOAT);
  conditions_[values] = condition;
  return values;
}

std::string OnnxGraphWriter::AsCondition(const std::string& values) {
  if (const auto found = conditions_.find(values); found != conditions_.end()) return found->second;
  std::string condition = AddStep("Cast", {values}, absl::StrCat(values, "_condition"));
  SetInteger(last(), "to", onnx::TensorProto::BOOL);
  return condition;
}

std::string OnnxGraphWriter::AddTensor(const std::string& name,
                                       const std::vector<std::int64_t>& dimensions,
                                       std::int32_t type, const void* data, std::size_t bytes) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(NewName(name));
  tensor.set_data_type(type);
  for (const std::int64_t dimension : dimensions) tensor.add_dims(dimension);
  tensor.set_raw_data(data, bytes);
  return tensor.name();
}

void SetFloat(onnx::NodeProto& node, const std::string& name, float value) {
  AddAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void SetFloats(onnx::NodeProto& node, const std::string& name, const std::vector<float>& values) {
  onnx::AttributeProto& attribute = AddAttribute(node, name, onnx::AttributeProto::FLOATS);
  for (const float value : values) attribute.add_floats(value);
}

void SetInteger(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  AddAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void SetIntegers(onnx::NodeProto& node, const std::string& name,
                 const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& attribute = AddAttribute(node, name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void SetStrings(onnx::NodeProto& node, const std::string& name,
                const std::vector<std::string>& values) {
  onnx::AttributeProto& attribute = AddAttribute(node, name, onnx::AttributeProto::STRINGS);
  for (const std::string& value : values) attribute.add_strings(value);
}

}  // namespace mlp
