// A graph of a few nodes around the one under test, in the text format of protobufs.

#ifndef MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_SMALL_GRAPH_H_
#define MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_SMALL_GRAPH_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace mlp {

// From x, [BATCH,2], to y. The constants are the matrices w and u, [2,3], and v, [3,3], the row b,
// [3], and lists of integers.
inline constexpr char kSmallGraph[] = R"(
  opset_import { version: 17 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: 1 shape { dim { BATCH } dim { dim_value: 2 } } } }
    }
    output { name: "y" }
    initializer { name: "w" data_type: 1 dims: [2, 3] float_data: [1, 2, 3, 4, 5, 6] }
    initializer { name: "u" data_type: 1 dims: [2, 3] float_data: [1, 2, 3, 4, 5, 6] }
    initializer { name: "v" data_type: 1 dims: [3, 3] float_data: [1, 0, 0, 0, 1, 0, 0, 0, 1] }
    initializer { name: "b" data_type: 1 dims: 3 float_data: [1, 2, 3] }
    initializer { name: "zero" data_type: 7 int64_data: 0 }
    initializer { name: "one_and_rest" data_type: 7 dims: 2 int64_data: [1, -1] }
    initializer { name: "column" data_type: 7 dims: 3 int64_data: [0, 3, 1] }
    initializer { name: "least_and_rest" data_type: 7 dims: 2
                  int64_data: [-9223372036854775808, 2] }
    initializer { name: "axis_1" data_type: 7 dims: 1 int64_data: 1 }
    NODES
  })";

// A node in the text format. The names need no escapes.
inline std::string Node(const std::string& operation, const std::vector<std::string>& inputs,
                        const std::string& output, const std::string& attributes = "") {
  std::string text = absl::StrCat("node { op_type: '", operation, "' output: '", output, "' ");
  for (const std::string& input : inputs) absl::StrAppend(&text, "input: '", input, "' ");
  return absl::StrCat(text, attributes, " }\n");
}

// An attribute for Node.
inline std::string Integer(const std::string& name, std::int64_t value) {
  return absl::StrCat(" attribute { name: '", name, "' type: INT i: ", value, " }");
}

// The graph with these nodes.
inline onnx::ModelProto Model(const std::string& nodes,
                              const std::string& batch = "dim_param: 'N'") {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(kSmallGraph, {{"BATCH", batch}, {"NODES", nodes}}), &model));
  return model;
}

// z, [BATCH,3].
inline std::string FirstLayer() { return Node("MatMul", {"x", "w"}, "z"); }

}  // namespace mlp

#endif  // MLP_TESTS_MODEL_FORMATS_ONNX_OPERATORS_SMALL_GRAPH_H_
