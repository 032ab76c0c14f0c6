// A graph of a few nodes on integers, in the text format of protobufs.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_INTEGER_GRAPH_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_INTEGER_GRAPH_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/formats/onnx/reader.h"

namespace mlp {

inline constexpr int kUint8 = onnx::TensorProto::UINT8;
inline constexpr int kInt8 = onnx::TensorProto::INT8;
inline constexpr int kUint16 = onnx::TensorProto::UINT16;
inline constexpr int kInt16 = onnx::TensorProto::INT16;
inline constexpr int kInt32 = onnx::TensorProto::INT32;
inline constexpr int kInt64 = onnx::TensorProto::INT64;
inline constexpr int kUint32 = onnx::TensorProto::UINT32;
inline constexpr int kUint64 = onnx::TensorProto::UINT64;
inline constexpr int kFloat = onnx::TensorProto::FLOAT;

// From x, [N,2], to y, both integers, with the constant c. There is also a layer, because a network
// needs one.
inline constexpr char kIntegerGraph[] = R"(
  opset_import { version: 17 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: TYPE shape { dim { dim_param: "N" } dim { dim_value: 2 } } } }
    }
    output { name: "y" }
    output { name: "layer" }
    initializer { name: "c" data_type: TYPE CONSTANT }
    initializer { name: "last" data_type: 7 dims: 1 int64_data: 1 }
    initializer { name: "both" data_type: 7 dims: 2 int64_data: [0, 1] }
    initializer { name: "yes_no" data_type: 9 dims: 2 int32_data: [1, 0] }
    initializer { name: "depth" data_type: 7 int64_data: 2 }
    initializer { name: "table" data_type: 7 dims: 2 int64_data: [16777217, 1] }
    initializer { name: "w" data_type: 1 dims: [2, 2] float_data: [1, 0, 0, 1] }
    node { op_type: "Cast" input: "x" output: "floats"
           attribute { name: "to" type: INT i: 1 } }
    node { op_type: "MatMul" input: ["floats", "w"] output: "layer" }
    NODES
  })";

// The field of a tensor for this value.
inline std::string IntegerConstant(int type, std::int64_t value) {
  const char* const field = type == kInt64    ? "int64_data: "
                            : type == kUint32 ? "uint64_data: "
                                              : "int32_data: ";
  return absl::StrCat(field, value);
}

// Reads the graph with these nodes, x and c of this type.
inline absl::StatusOr<ReadNetwork> ReadOfIntegers(int type, std::int64_t constant,
                                                  const std::string& nodes) {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(kIntegerGraph, {{"TYPE", absl::StrCat(type)},
                                          {"CONSTANT", IntegerConstant(type, constant)},
                                          {"NODES", nodes}}),
      &model));
  return ReadOnnx(model.SerializeAsString());
}

// A node in the text format. `inputs` is a list of quoted names.
inline std::string IntegerNode(const std::string& operation, const std::string& inputs,
                               const std::string& output = "y",
                               const std::string& attributes = "") {
  return absl::StrCat("node { op_type: '", operation, "' input: [", inputs, "] output: '", output,
                      "' ", attributes, " }\n");
}

inline std::string CastTo(int type, const std::string& input, const std::string& output) {
  return IntegerNode("Cast", absl::StrCat("'", input, "'"), output,
                     absl::StrCat("attribute { name: 'to' type: INT i: ", type, " }"));
}

// The warnings that integers may be rounded, without all others.
inline std::vector<std::string> WarningsOfRounding(const ReadNetwork& read) {
  std::vector<std::string> warnings;
  for (const std::string& warning : read.warnings) {
    if (absl::StrContains(warning, "which are exact")) warnings.push_back(warning);
  }
  return warnings;
}

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_INTEGER_GRAPH_H_
