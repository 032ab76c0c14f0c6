// Graphs made by hand: a few nodes around the one under test.

#include "model/formats/onnx/operators/convert_node.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/formats/onnx/reader.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// From x, [BATCH,2], to y. The constants are the matrices w and u, [2,3], and v, [3,3], the row b,
// [3], and lists of integers.
constexpr char kGraph[] = R"(
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

std::string Node(const std::string& operation, const std::vector<std::string>& inputs,
                 const std::string& output, const std::string& attributes = "") {
  std::string text = absl::StrCat("node { op_type: '", operation, "' output: '", output, "' ");
  for (const std::string& input : inputs) absl::StrAppend(&text, "input: '", input, "' ");
  return absl::StrCat(text, attributes, " }\n");
}

std::string Integer(const std::string& name, std::int64_t value) {
  return absl::StrCat(" attribute { name: '", name, "' type: INT i: ", value, " }");
}

onnx::ModelProto Model(const std::string& nodes, const std::string& batch = "dim_param: 'N'") {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(kGraph, {{"BATCH", batch}, {"NODES", nodes}}), &model));
  return model;
}

struct NodesCase {
  const char* name;
  std::string nodes;
  absl::StatusCode code;
  const char* message;
  const char* batch = "dim_param: 'N'";
};

void PrintTo(const NodesCase& value, std::ostream* stream) { *stream << value.name; }

class NodesTest : public ::testing::TestWithParam<NodesCase> {};

TEST_P(NodesTest, AreTakenOrRefusedWithTheirReason) {
  const auto& [name, nodes, code, message, batch] = GetParam();
  const auto read = ReadOnnx(Model(nodes, batch).SerializeAsString());
  EXPECT_EQ(read.status().code(), code) << read.status();
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(message));
}

std::string FirstLayer() { return Node("MatMul", {"x", "w"}, "z"); }

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

TEST_P(TensorNameTest, CanBeCarriedByTheProtocol) {
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

TEST(OpsetTest, IsOneOfOnnxsOwn) {
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

// ---- Short files that ask for much ----

// A long constant is used over and over, as a bias or as weights. Wide rows cost the file nothing.
TEST(AmplificationTest, ManyUsesOfOneConstantAreRefusedSoon) {
  onnx::ModelProto model = Model("");
  onnx::GraphProto& graph = *model.mutable_graph();
  constexpr int kUnits = 1 << 18;
  onnx::TensorProto& wide = *graph.add_initializer();
  wide.set_name("wide");
  wide.set_data_type(onnx::TensorProto::FLOAT);
  wide.add_dims(2);
  wide.add_dims(kUnits);
  wide.set_raw_data(std::string(2 * sizeof(float) * kUnits, '\0'));
  for (int i = 0; i < 1000; ++i) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type("MatMul");
    node.add_input("x");
    node.add_input("wide");
    node.add_output(absl::StrCat("z", i));
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("initializer 'wide' is used so often that the model takes many times"));
}

TEST(AmplificationTest, ManyWideLayersWithoutWeightsAreRefusedSoon) {
  onnx::ModelProto model = Model("");
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->set_dim_value(1 << 20);
  std::string before = "x";
  for (int i = 0; i < 1000; ++i) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(i % 2 == 0 ? "Tanh" : "Sigmoid");
    node.add_input(before);
    before = i == 999 ? "y" : absl::StrCat("a", i);
    node.add_output(before);
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the network has more than 4194304 units"));
}

// Each of these functions calls the next one twice.
TEST(AmplificationTest, FunctionsThatCallEachOtherTwiceAreRefusedSoon) {
  onnx::ModelProto model = Model(FirstLayer());
  model.mutable_graph()->mutable_node(0)->set_output(0, "x0");
  onnx::NodeProto& call = *model.mutable_graph()->add_node();
  call.set_op_type("f0");
  call.set_domain("own");
  call.add_input("x0");
  call.add_output("y");
  for (int i = 0; i < 15; ++i) {
    onnx::FunctionProto& function = *model.add_functions();
    function.set_name(absl::StrCat("f", i));
    function.set_domain("own");
    function.add_input("x");
    function.add_output("y");
    for (int k = 0; k < 2; ++k) {
      onnx::NodeProto& node = *function.add_node();
      node.set_op_type(i == 14 ? "Tanh" : absl::StrCat("f", i + 1));
      if (i != 14) node.set_domain("own");
      node.add_input(k == 0 ? "x" : "middle");
      node.add_output(k == 0 ? "middle" : "y");
    }
  }
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the file's functions expand to more than 64 times its nodes"));
}

TEST(FunctionTest, ThatCallsItselfIsRefused) {
  onnx::ModelProto model = Model(FirstLayer() + Node("f", {"z"}, "y", "domain: 'own'"));
  onnx::FunctionProto& function = *model.add_functions();
  function.set_name("f");
  function.set_domain("own");
  function.add_input("x");
  function.add_output("y");
  onnx::NodeProto& node = *function.add_node();
  node.set_op_type("f");
  node.set_domain("own");
  node.add_input("x");
  node.add_output("y");
  const auto read = ReadOnnx(model.SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("functions call each other deeper than 16"));
}

TEST(AmplificationTest, MoreLayersThanANetworkMayHaveAreRefused) {
  // z and these make 1,024 layers. One more node is too many.
  std::string nodes = FirstLayer();
  std::string last = "z";
  for (int i = 0; i < 1023; ++i) {
    std::string next = absl::StrCat("z", i);
    nodes += Node("MatMul", {last, "v"}, next);
    last = std::move(next);
  }
  const auto read = ReadOnnx(Model(nodes + Node("Tanh", {last}, "y")).SerializeAsString());
  EXPECT_TRUE(read.ok()) << read.status();
  nodes += Node("MatMul", {last, "v"}, "y");
  const auto refused = ReadOnnx(Model(nodes).SerializeAsString());
  EXPECT_EQ(refused.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("the network has more than 1024 layers; at most 1024 are supported"));
}

TEST(AmplificationTest, ListsThatAreJoinedWithThemselvesAreRefusedSoon) {
  std::string nodes = Node("Shape", {"x"}, "s0");
  for (int i = 0; i < 60; ++i) {
    const std::string list = absl::StrCat("s", i);
    nodes += Node("Concat", {list, list}, absl::StrCat("s", i + 1));
  }
  const auto read = ReadOnnx(Model(nodes).SerializeAsString());
  EXPECT_EQ(read.status().code(), kUnimplemented);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("the node of 's4' of type 'Concat': a list of dimensions [32] contains the "
                        "number of rows"));
}

}  // namespace
}  // namespace mlp
