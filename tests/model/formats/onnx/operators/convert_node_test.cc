// Graphs made by hand: a few nodes around the one under test.

#include "model/formats/onnx/operators/convert_node.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/onnx/operators/small_graph.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct NodesCase {
  const char* name;
  std::string nodes;
  absl::StatusCode code;
  const char* message;
  const char* batch = "dim_param: 'N'";
};

void PrintTo(const NodesCase& value, std::ostream* stream) { *stream << value.name; }

class NodesTest : public ::testing::TestWithParam<NodesCase> {};

TEST_P(NodesTest, AreAcceptedOrRefusedWithTheirReason) {
  const auto& [name, nodes, code, message, batch] = GetParam();
  const auto read = ReadOnnx(Model(nodes, batch).SerializeAsString());
  EXPECT_EQ(read.status().code(), code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(message));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, NodesTest,
    ::testing::Values(
        NodesCase{
            "WeightsOfTwoLayers",
            FirstLayer() + Node("MatMul", {"z", "v"}, "z2") + Node("MatMul", {"z2", "v"}, "y"), kOk,
            ""},
        NodesCase{"BiasOfTwoLayers",
                  Node("Gemm", {"x", "w", "b"}, "z") + Node("Gemm", {"z", "v", "b"}, "y"), kOk, ""},
        NodesCase{
            "BiasOnRowsOfTwoDimensions",
            FirstLayer() + Node("Reshape", {"z", "column"}, "r") + Node("Add", {"r", "b"}, "y"),
            kOk, ""},
        NodesCase{"BiasBeforeALayer", Node("Add", {"x", "b"}, "y"), kInvalid,
                  "'x' has shape [-1,2] and 'b' has shape [3]; expected dimensions that, counted "
                  "from the last, are equal or 1"},
        NodesCase{"BiasOfBothSides",
                  FirstLayer() + Node("Add", {"z", "b"}, "s") + Node("Relu", {"z"}, "r") +
                      Node("Sub", {"s", "r"}, "y"),
                  kOk, ""},
        NodesCase{"BiasBehindAnActivation",
                  FirstLayer() + Node("Relu", {"z"}, "a") + Node("Add", {"a", "b"}, "y"), kOk, ""},
        NodesCase{"TwoActivations",
                  FirstLayer() + Node("Relu", {"z"}, "a") + Node("Tanh", {"a"}, "y"), kOk, ""},
        NodesCase{"SoftmaxInside",
                  FirstLayer() + Node("Softmax", {"z"}, "a") + Node("MatMul", {"a", "v"}, "y"), kOk,
                  ""},
        NodesCase{"TwoLayersOfOneInput", FirstLayer() + Node("MatMul", {"x", "u"}, "y"), kOk, ""},
        NodesCase{"LayerOfWhatAnActivationTakes",
                  FirstLayer() + Node("Relu", {"z"}, "a") + Node("MatMul", {"z", "v"}, "y"), kOk,
                  ""},
        NodesCase{
            "WeightsTransposedTwice",
            Node("Transpose", {"w"}, "t") + Node("Gemm", {"x", "t"}, "y", Integer("transB", 1)),
            kOk, ""},
        NodesCase{"BatchMultipliedAway", Node("Gemm", {"x", "w"}, "y", Integer("transA", 1)),
                  kUnimplemented, "transA is not 0, so rows would become columns; supported is 0"},
        NodesCase{"NameOfTheInput", Node("MatMul", {"x", "w"}, "x"), kInvalid,
                  "the node of 'x' of type 'MatMul' computes 'x', which exists already"},
        NodesCase{"BiasTransposed",
                  Node("Transpose", {"b"}, "t") + FirstLayer() + Node("Add", {"z", "t"}, "y"), kOk,
                  ""},
        NodesCase{"WeightsFirst", Node("MatMul", {"w", "x"}, "y"), kInvalid,
                  "its input 1 ('w') has the shape [2,3], and its input 2 ('x') [-1,2]; expected 3 "
                  "rows of the "
                  "second"}),
    [](const auto& nodes) { return std::string(nodes.param.name); });

// Both the normalisation and the sum read the layer behind x, with its bias.
TEST(SharedLayerTest, KeepsItsBias) {
  const auto read = ReadOnnx(Model(Node("Gemm", {"x", "w", "b"}, "h") +
                                   Node("BatchNormalization", {"h", "b", "b", "b", "b"}, "n") +
                                   Node("Gemm", {"n", "v", "b"}, "g") + Node("Relu", {"g"}, "r") +
                                   Node("Add", {"h", "r"}, "y"))
                                 .SerializeAsString());
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<Layer>& layers = read->network.layers();
  ASSERT_EQ(layers.size(), 3U) << "the normalisation is folded into the second layer";
  EXPECT_THAT(layers[0].dense().bias, ::testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(layers[2].combination(), Combination::kSum);
}

// Flattens x to a shape computed from its own, as x.view(x.size(0), -1) is exported.
std::string View(const std::string& gather_axis, const std::string& concat_axis) {
  return Node("Shape", {"x"}, "shape") + Node("Gather", {"shape", "zero"}, "rows", gather_axis) +
         Node("Unsqueeze", {"rows"}, "rows_list", "attribute { name: 'axes' type: INTS ints: 0 }") +
         Node("Constant", {}, "rest", "attribute { name: 'value_ints' type: INTS ints: -1 }") +
         Node("Concat", {"rows_list", "rest"}, "target", concat_axis) +
         Node("Reshape", {"x", "target"}, "flat") + Node("MatMul", {"flat", "w"}, "y");
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, NodesTest,
    ::testing::Values(
        NodesCase{"View", View(Integer("axis", 0), Integer("axis", 0)), kOk, ""},
        NodesCase{"ViewByLastAxis", View(Integer("axis", -1), Integer("axis", -1)), kOk, ""},
        NodesCase{"GatherOnAnotherAxis", View(Integer("axis", 1), ""), kInvalid,
                  "the node of 'rows' of type 'Gather': axis 1 is out of range; expected -1 to 0"},
        NodesCase{
            "ConcatOnAnotherAxis", View("", Integer("axis", 1)), kInvalid,
            "the node of 'target' of type 'Concat': axis 1 is out of range; expected -1 to 0, of 1 "
            "dimension"},
        NodesCase{"GatherBeyondTheList",
                  Node("Shape", {"x"}, "shape", Integer("end", 1)) +
                      Node("Gather", {"shape", "axis_1"}, "rows"),
                  kInvalid, "index 1 is out of range; expected -1 to 0"},
        // Reshapes any number of rows to one row, which is valid only for a batch of exactly one.
        NodesCase{"OneRowOfMany",
                  Node("Reshape", {"x", "one_and_rest"}, "r") + Node("MatMul", {"r", "w"}, "y"),
                  kUnimplemented, "it multiplies rows of the batch with one another"},
        NodesCase{"OneRowOfOne",
                  Node("Reshape", {"x", "one_and_rest"}, "r") + Node("MatMul", {"r", "w"}, "y"),
                  kOk, "", "dim_value: 1"},
        NodesCase{"SizeThatStandsForTheBatch",
                  Node("Reshape", {"x", "least_and_rest"}, "r") + Node("MatMul", {"r", "w"}, "y"),
                  kUnimplemented, "cannot be reshaped to [-4611686018427387904,2]"},
        NodesCase{"ShapeOfTheWeights", Node("Reshape", {"x", "b"}, "y"), kInvalid,
                  "initializer 'b' has elements of type FLOAT; expected INT64 or INT32"},
        NodesCase{"SqueezeOfAnything", FirstLayer() + Node("Squeeze", {"z"}, "y"), kOk, ""},
        NodesCase{"UnsqueezeOfRows", Node("Unsqueeze", {"x", "axis_1"}, "y"), kUnimplemented,
                  "the network has no dense layer"},
        NodesCase{"UnsqueezeOfTooManyDimensions",
                  Node("Constant", {}, "c",
                       absl::StrCat("attribute { name: 'value' type: TENSOR t { data_type: 1 ",
                                    absl::StrReplaceAll(std::string(100, '1'), {{"1", "dims: 1 "}}),
                                    "float_data: 1 } }")) +
                      Node("Unsqueeze", {"c", "axis_1"}, "y"),
                  kUnimplemented, "has 100 dimensions"},
        NodesCase{"ShapeAsOutput", Node("Shape", {"x"}, "y"), kUnimplemented,
                  "the output 'y' is computed from shapes only"}),
    [](const auto& nodes) { return std::string(nodes.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Attributes, NodesTest,
    ::testing::Values(
        // The attributes that operator sets 19 and 24 added only matter for 8-bit floats.
        NodesCase{"CastWithItsNewAttributes",
                  FirstLayer() + Node("Cast", {"z"}, "y",
                                      Integer("to", 1) + Integer("saturate", 1) +
                                          " attribute { name: 'round_mode' type: STRING s: 'up' }"),
                  kOk, ""},
        NodesCase{"CastToHalf", FirstLayer() + Node("Cast", {"z"}, "y", Integer("to", 10)), kOk,
                  ""},
        NodesCase{
            "AttributeTwice",
            FirstLayer() + Node("Softmax", {"z"}, "y", Integer("axis", 1) + Integer("axis", 0)),
            kInvalid, "attribute 'axis' occurs twice"},
        NodesCase{"AttributeOfAFunction",
                  FirstLayer() + Node("Softmax", {"z"}, "y",
                                      "attribute { name: 'axis' type: INT ref_attr_name: 'a' }"),
                  kInvalid, "attribute 'axis' refers to the attribute 'a' of a function"},
        NodesCase{"ConstantWithoutValue", Node("Constant", {}, "c"), kInvalid,
                  "it has 0 attributes; expected one, its value"},
        NodesCase{"TooManyInputs", FirstLayer() + Node("Relu", {"z", "b"}, "y"), kInvalid,
                  "it has 2 inputs; expected 1"},
        NodesCase{"InputLeftOut", Node("Relu", {""}, "y"), kInvalid, "its input 1 is left out"}),
    [](const auto& nodes) { return std::string(nodes.param.name); });

struct NameCase {
  const char* name;
  std::string tensor;
  absl::StatusCode code;
  const char* message;
};

void PrintTo(const NameCase& value, std::ostream* stream) { *stream << value.name; }

class TensorNameTest : public ::testing::TestWithParam<NameCase> {};

TEST_P(TensorNameTest, MustFitTheProtocol) {
  onnx::ModelProto model = Model(FirstLayer());
  model.mutable_graph()->mutable_node(0)->set_output(0, GetParam().tensor);
  model.mutable_graph()->mutable_output(0)->set_name(GetParam().tensor);
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), GetParam().code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, TensorNameTest,
    ::testing::Values(NameCase{"BeyondAscii", "wei\xC3\x9F", kOk, ""},
                      NameCase{"Latin1", "wei\xDF", kInvalid, R"(the name 'wei\xdf' is not UTF-8)"},
                      NameCase{"Longest", std::string(1024, 'n'), kOk, ""},
                      NameCase{"TooLong", std::string(1025, 'n'), kUnimplemented,
                               "has 1025 bytes; supported are 1 to 1024"},
                      NameCase{"Empty", "", kInvalid,
                               "of type 'MatMul' has an output without a name"}),
    [](const auto& name) { return std::string(name.param.name); });

TEST(OutputNameTest, IsQuotedIfItOccursTwice) {
  onnx::ModelProto model = Model(Node("MatMul", {"x", "w"}, "a\\nb"));
  model.mutable_graph()->mutable_output(0)->set_name("a\nb");
  model.mutable_graph()->add_output()->set_name("a\nb");
  EXPECT_EQ(ReadOnnx(model.SerializeAsString()).status().message(),
            R"(output name 'a\nb' is empty or occurs twice)");
}

struct OpsetCase {
  const char* imports;
  absl::StatusCode code;
  const char* message;
};

TEST(OpsetTest, MustBelongToOnnx) {
  for (const auto& [imports, code, message] : std::vector<OpsetCase>{
           {"opset_import { version: 9 }", kOk, ""},
           {"opset_import { version: 25 }", kOk, ""},
           {"opset_import { domain: 'ai.onnx' version: 17 }", kOk, ""},
           {"opset_import { version: 17 } opset_import { domain: 'ai.onnx' version: 17 }", kOk, ""},
           {"opset_import { domain: 'ai.onnx.ml' version: 1 } opset_import { version: 17 }", kOk,
            ""},
           {"opset_import { version: 27 }", kUnimplemented,
            "operator set 27; supported are 7 to 26"},
           {"opset_import { version: 9999 } opset_import { version: 17 }", kInvalid,
            "both operator set 9999 and 17; expected one"},
           {"opset_import { domain: 'ai.onnx.ml' version: 17 }", kInvalid,
            "names no ONNX operator set"}}) {
    SCOPED_TRACE(imports);
    onnx::ModelProto model;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(imports, &model));
    *model.mutable_graph() = Model(Node("MatMul", {"x", "w"}, "y")).graph();
    const auto read = ReadOnnx(model.SerializeAsString());
    EXPECT_EQ(read.status().code(), code) << read.status();
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(message));
  }
}

}  // namespace
}  // namespace mlp
