// Operands of different shapes: random fixtures compared with ONNX Runtime, and graphs of two nodes
// for each rule.

#include "model/formats/onnx/operators/broadcast.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "model/formats/onnx/graph.h"
#include "model/formats/onnx/reader.h"
#include "model/quote.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// JSON has neither NaN nor infinities.
float NumberOf(const nlohmann::json& value) {
  if (value.is_null()) return std::numeric_limits<float>::quiet_NaN();
  if (!value.is_string()) return value.get<float>();
  const float infinity = std::numeric_limits<float>::infinity();
  return value == "inf" ? infinity : -infinity;
}

std::vector<float> NumbersIn(const nlohmann::json& list) {
  std::vector<float> numbers;
  for (const auto& value : list) numbers.push_back(NumberOf(value));
  return numbers;
}

// The shape of y's rows, or the error.
absl::StatusOr<RowShape> ConvertedShape(const onnx::ModelProto& model, bool batch_is_one) {
  OnnxConversion conversion;
  conversion.limits.bytes_left = 1 << 20;
  conversion.row_bytes_left = 1 << 20;
  conversion.opset = 17;
  conversion.batch_is_one = batch_is_one;
  OnnxScope scope;
  for (const onnx::TensorProto& initializer : model.graph().initializer()) {
    if (auto status = scope.Add(initializer.name(), OnnxConstant{&initializer}); !status.ok()) {
      return status;
    }
  }
  RowNode input;
  input.operation = RowOperation::kInput;
  input.width = 4;
  const Signal x{conversion.graph.Add(std::move(input)), {4}};
  if (auto status = scope.Add("x", x); !status.ok()) return status;
  OnnxGraph nodes(model, conversion);
  if (auto status = nodes.AddNodes(scope); !status.ok()) return status;
  return std::get<Signal>(*scope.Find("y")).row_shape;
}

TEST(RandomOperandsTest, AreBroadcastAsOnnxRuntimeDoesOrRefused) {
  const std::string bytes = BytesOfFile(ExportsFolder() / "broadcast" / "cases.jsonl");
  const std::vector<std::string> lines = absl::StrSplit(bytes, '\n', absl::SkipEmpty());
  const std::vector<float> x = NumbersIn(nlohmann::json::parse(lines[0])["x"]);
  std::map<std::string, int> evaluated;  // by operator
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto operator_case = nlohmann::json::parse(lines[i]);
    const auto name = operator_case["operator"].get<std::string>();
    SCOPED_TRACE(absl::StrCat("line ", i + 1, ": ", name, " of ", operator_case["shapes"].dump(),
                              operator_case["static"] ? ", batch of 1" : ""));
    std::string file;
    ASSERT_TRUE(absl::Base64Unescape(operator_case["model"].get<std::string>(), &file));
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(file));
    const absl::StatusOr<RowShape> shape = ConvertedShape(model, operator_case["static"]);
    const absl::StatusOr<ReadNetwork> read = ReadOnnx(file);
    if (!operator_case["by_rows"]) {
      ASSERT_FALSE(shape.ok()) << "makes rows of shape " << ShapeText(*shape);
      ASSERT_EQ(read.status(), shape.status());
      EXPECT_THAT(std::string(shape.status().message()),
                  AllOf(HasSubstr(absl::StrCat("'", name, "'")), HasSubstr("shape")));
      continue;
    }
    ASSERT_TRUE(shape.ok()) << shape.status();
    EXPECT_EQ(nlohmann::json(*shape), operator_case["shape"]);
    ASSERT_TRUE(read.ok()) << read.status();
    const NetworkOutput& y = read->network.outputs()[0];
    EXPECT_EQ(nlohmann::json(y.tensor.shape), operator_case["shape"]);
    ExpectClose(EvaluateNetwork(read->network, {x})[0], NumbersIn(operator_case["answers"]),
                read->network.WidthOf(y));
    ++evaluated[name];
  }
  EXPECT_EQ(evaluated.size(), 18U);
  for (const auto& [name, count] : evaluated) EXPECT_GE(count, 5) << name;
}

// From x, [BATCH,4], to y, which NODES make. a, a3 and a13 are 3 values of x's rows in the shapes
// [3], [3] and [1,3]. a1 and a0 are 1 value in the shapes [1] and [].
constexpr char kOperands[] = R"(
  opset_import { version: 17 }
  graph {
    input {
      name: "x"
      type { tensor_type { elem_type: 1 shape { dim { BATCH } dim { dim_value: 4 } } } }
    }
    output { name: "y" }
    initializer { name: "w" data_type: 1 dims: [4, 3]
                  float_data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3] }
    initializer { name: "v" data_type: 1 dims: [4, 1] float_data: [1, 2, 3, 4] }
    initializer { name: "c" data_type: 1 float_data: 7 }
    initializer { name: "c1" data_type: 1 dims: 1 float_data: 7 }
    initializer { name: "c11" data_type: 1 dims: [1, 1] float_data: 7 }
    initializer { name: "c3" data_type: 1 dims: 3 float_data: [1, 2, 3] }
    initializer { name: "c13" data_type: 1 dims: [1, 3] float_data: [1, 2, 3] }
    initializer { name: "c113" data_type: 1 dims: [1, 1, 3] float_data: [1, 2, 3] }
    initializer { name: "c23" data_type: 1 dims: [2, 3] float_data: [1, 2, 3, 4, 5, 6] }
    initializer { name: "axis_1" data_type: 7 dims: 1 int64_data: 1 }
    node { op_type: "MatMul" input: "x" input: "w" output: "a" }
    node { op_type: "Relu" input: "a" output: "a3" }
    node { op_type: "Unsqueeze" input: "a3" input: "axis_1" output: "a13" }
    node { op_type: "MatMul" input: "x" input: "v" output: "a1" }
    node { op_type: "Squeeze" input: "a1" input: "axis_1" output: "a0" }
    NODES
  })";

struct OperandsCase {
  const char* operation;
  std::vector<const char*> operands;
  absl::StatusCode code;
  const char* text;  // the row's shape, or part of the message
  const char* batch = "dim_param: 'N'";
};

TEST(OperandsTest, BroadcastToTheOnnxShapeOrAreRefusedWithTheirShapes) {
  constexpr char kBatchOfOne[] = "dim_value: 1";
  for (const auto& [operation, operands, code, text, batch] : std::vector<OperandsCase>{
           {"Add", {"a", "a3"}, kOk, "[3]"},
           {"Add",
            {"a", "a13"},
            kUnimplemented,
            "'a' has shape [-1,3] and 'a13' has shape [-1,1,3]; together they make [-1,-1,3], "
            "which "
            "does not have one row for each row"},
           {"Add",
            {"a", "c113"},
            kUnimplemented,
            "'a' has shape [-1,3] and 'c113' has shape [1,1,3]; together they make [1,-1,3]"},
           {"Add", {"c113", "a"}, kUnimplemented, "together they make [1,-1,3]"},
           {"Add", {"a13", "c113"}, kOk, "[1,3]"},
           {"Add", {"a13", "c13"}, kOk, "[1,3]"},
           {"Add", {"a", "c13"}, kOk, "[3]"},
           {"Add", {"a0", "c"}, kOk, "[]"},
           {"Add", {"a0", "c1"}, kOk, "[]"},
           {"Add", {"a0", "c11"}, kUnimplemented, "together they make [1,-1]"},
           {"Add", {"a0", "a1"}, kUnimplemented, "together they make [-1,-1]"},
           {"Add", {"a0", "c3"}, kUnimplemented, "'c3' has shape [3]; aligned at the last"},
           {"Add", {"a", "c23"}, kUnimplemented, "'c23' has shape [2,3]; aligned at the last"},
           {"Add", {"a1", "c3"}, kOk, "[3]"},
           {"Mul", {"a13", "c23"}, kOk, "[2,3]"},
           {"Add",
            {"x", "c3"},
            kInvalid,
            "'x' has shape [-1,4] and 'c3' has shape [3]; expected dimensions that, counted from "
            "the last, are equal or 1"},
           {"Sum",
            {"a", "c", "a3", "c13", "c113"},
            kUnimplemented,
            "'a' has shape [-1,3], 'c' has shape [], 'a3' has shape [-1,3], 'c13' has shape [1,3], "
            "and so on; together they make [1,-1,3]"},
           {"Where", {"c113", "a", "a3"}, kUnimplemented, "together they make [1,-1,3]"},
           {"PRelu", {"a", "c113"}, kUnimplemented, "together they make [1,-1,3]"},
           {"PRelu",
            {"a", "c113"},
            kInvalid,
            "its input 2 ('c113') has slopes that make rows of shape [1,3]",
            kBatchOfOne},
           {"Gemm", {"x", "w", "c113"}, kInvalid, "which do not broadcast to rows of shape [3]"},
           {"Gemm", {"x", "w", "c13"}, kOk, "[3]"},
           {"LayerNormalization",
            {"a", "c113"},
            kInvalid,
            "which do not broadcast to rows of shape [3]"},
           // For one row, a leading dimension is also the batch's.
           {"Add", {"a", "a13"}, kOk, "[1,3]", kBatchOfOne},
           {"Add", {"a", "c113"}, kOk, "[1,3]", kBatchOfOne},
           {"Add", {"a0", "c11"}, kOk, "[1]", kBatchOfOne},
           {"Add", {"a", "c23"}, kUnimplemented, "which repeats the rows of 'a'", kBatchOfOne}}) {
    std::string node = absl::StrCat("node { output: 'y' op_type: '", operation, "'");
    for (const char* operand : operands) absl::StrAppend(&node, " input: '", operand, "'");
    SCOPED_TRACE(absl::StrCat(node, " }, ", batch));
    onnx::ModelProto model;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrReplaceAll(kOperands, {{"BATCH", batch}, {"NODES", absl::StrCat(node, " }")}}),
        &model));
    const absl::StatusOr<ReadNetwork> read = ReadOnnx(model.SerializeAsString());
    EXPECT_EQ(read.status().code(), code) << read.status();
    EXPECT_THAT(read.ok() ? ShapeText(read->network.outputs()[0].tensor.shape)
                          : std::string(read.status().message()),
                HasSubstr(text));
  }
}

// A constant in the shape of another tensor has that shape, and a row for each row.
TEST(ConstantOfShapeTest, KeepsItsShape) {
  for (const auto& [shape_source, operand, code, text] :
       std::vector<std::tuple<const char*, const char*, absl::StatusCode, const char*>>{
           {"a3", "a", kOk, "[3]"},
           {"a13", "a13", kOk, "[1,3]"},
           {"a1", "a", kOk, "[3]"},
           {"a0", "a0", kOk, "[]"},
           {"a13", "a", kUnimplemented, "'k' has shape [-1,1,3]; together they make [-1,-1,3]"},
           {"a", "a13", kUnimplemented, "'k' has shape [-1,3]; together they make [-1,-1,3]"},
           {"a", "a1", kOk, "[3]"},
           {"c113", "a", kUnimplemented, "'k' has shape [1,1,3]; together they make [1,-1,3]"},
           {"c11", "a0", kUnimplemented, "'k' has shape [1,1]; together they make [1,-1]"}}) {
    SCOPED_TRACE(absl::StrCat(operand, " and one like ", shape_source));
    const std::string nodes =
        absl::StrCat("node { op_type: 'Shape' input: '", shape_source, "' output: 'shape' }",
                     "node { op_type: 'ConstantOfShape' input: 'shape' output: 'zeros' }",
                     "node { op_type: 'Cast' input: 'zeros' output: 'cast' ",
                     "attribute { name: 'to' type: INT i: 7 } }",
                     "node { op_type: 'Add' input: 'cast' input: 'c' output: 'k' }",
                     "node { op_type: 'Mul' input: '", operand, "' input: 'k' output: 'y' }");
    onnx::ModelProto model;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrReplaceAll(kOperands, {{"BATCH", "dim_param: 'N'"}, {"NODES", nodes}}), &model));
    const absl::StatusOr<ReadNetwork> read = ReadOnnx(model.SerializeAsString());
    EXPECT_EQ(read.status().code(), code) << read.status();
    EXPECT_THAT(read.ok() ? ShapeText(read->network.outputs()[0].tensor.shape)
                          : std::string(read.status().message()),
                HasSubstr(text));
    if (!read.ok()) continue;
    EXPECT_EQ(EvaluateNetwork(read->network, {{1, 0, 0, 0}})[0][0], 7.0F);
  }
}

}  // namespace
}  // namespace mlp
