// Ways to write an activation, and the activation that the reader recognises.

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "model/formats/onnx/reader.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Reads a layer "z" of three units with `formula` behind it. The formula has one node "name =
// Operator(a, b)" a line, and the last one makes "y". Numbers are constants; "slopes" and "zeros"
// are constants of three values.
absl::StatusOr<ReadNetwork> ReadFormula(const std::string& formula) {
  onnx::ModelProto model;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    opset_import { version: 20 }
    graph {
      input { name: "x"
              type { tensor_type { elem_type: 1 shape { dim { dim_param: "N" } dim { dim_value: 2 } } } } }
      output { name: "y" }
      initializer { name: "w" data_type: 1 dims: [2, 3] float_data: [1, 2, 3, 4, 5, 6] }
      initializer { name: "slopes" data_type: 1 dims: 3 float_data: [0.1, 0.2, 0.3] }
      initializer { name: "zeros" data_type: 1 dims: 3 float_data: [0, 0, 0] }
      initializer { name: "minus_slopes" data_type: 1 dims: 3 float_data: [-0.1, -0.2, -0.3] }
      node { op_type: "MatMul" input: "x" input: "w" output: "z" }
    })",
                                                            &model));
  onnx::GraphProto& graph = *model.mutable_graph();
  for (const absl::string_view line : absl::StrSplit(formula, '\n')) {
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::ByAnyChar(" =(,)"), absl::SkipEmpty());
    if (parts.empty()) continue;
    onnx::NodeProto& node = *graph.add_node();
    node.add_output(parts[0]);
    node.set_op_type(parts[1]);
    if (parts[1] == "Cast") {
      onnx::AttributeProto& to = *node.add_attribute();
      to.set_name("to");
      to.set_type(onnx::AttributeProto::INT);
      to.set_i(onnx::TensorProto::FLOAT);
    }
    for (std::size_t i = 2; i < parts.size(); ++i) {
      node.add_input(parts[i]);
      float number = 0.0F;
      if (!absl::SimpleAtof(parts[i], &number)) continue;
      const bool exists =
          std::any_of(graph.initializer().begin(), graph.initializer().end(),
                      [&](const auto& tensor) { return tensor.name() == parts[i]; });
      if (exists) continue;
      onnx::TensorProto& constant = *graph.add_initializer();
      constant.set_name(parts[i]);
      constant.set_data_type(onnx::TensorProto::FLOAT);
      constant.add_float_data(number);
    }
  }
  return ReadOnnx(model.SerializeAsString());
}

struct Spelling {
  const char* name;
  const char* formula;
  const char* activation;
  std::vector<float> parameters;
};

void PrintTo(const Spelling& spelling, std::ostream* stream) { *stream << spelling.name; }

class SpellingTest : public ::testing::TestWithParam<Spelling> {};

TEST_P(SpellingTest, IsRecognised) {
  const auto read = ReadFormula(GetParam().formula);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 1U);
  const Activation& activation = read->network.layers()[0].activation;
  EXPECT_EQ(InfoOf(activation.kind).name, GetParam().activation);
  EXPECT_EQ(
      activation.kind == ActivationKind::kPrelu ? activation.unit_alpha : activation.parameters,
      GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(
    Rectifiers, SpellingTest,
    ::testing::Values(
        Spelling{"Relu", "y = Relu(z)", "relu", {}},
        Spelling{"MaxOfZero", "y = Max(z, 0)", "relu", {}},
        Spelling{"MaxOfZeroFirst", "y = Max(0, z)", "relu", {}},
        Spelling{"ClippedBelow", "y = Clip(z, 0)", "relu", {}},
        Spelling{"HalfOfItAndItsSize", "a = Abs(z)\ns = Add(z, a)\ny = Mul(s, 0.5)", "relu", {}},
        Spelling{"ByMask", "c = Greater(z, 0)\nm = Cast(c)\ny = Mul(z, m)", "relu", {}},
        Spelling{"ReluBehindABiasOfZeros", "a = Add(z, zeros)\ny = Relu(a)", "relu", {}},
        Spelling{"ReluTwice", "a = Relu(z)\ny = Relu(a)", "relu", {}},
        Spelling{"LeakyMax", "a = Mul(z, 0.2)\ny = Max(a, z)", "leaky_relu", {0.2F}},
        Spelling{"LeakyWhere",
                 "c = Less(z, 0)\na = Mul(0.3, z)\ny = Where(c, a, z)",
                 "leaky_relu",
                 {0.3F}},
        Spelling{"PreluOfTf2onnx",
                 "p = Relu(z)\nn = Neg(z)\nq = Relu(n)\nm = Mul(minus_slopes, q)\ny = Add(p, m)",
                 "prelu",
                 {0.1F, 0.2F, 0.3F}},
        Spelling{"PreluByItself", "y = PRelu(z, slopes)", "prelu", {0.1F, 0.2F, 0.3F}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Smooth, SpellingTest,
    ::testing::Values(
        Spelling{"SigmoidByExp",
                 "n = Neg(z)\ne = Exp(n)\nd = Add(e, 1)\ny = Reciprocal(d)",
                 "sigmoid",
                 {}},
        Spelling{"SigmoidByTanh",
                 "h = Mul(z, 0.5)\nt = Tanh(h)\ns = Add(t, 1)\ny = Mul(0.5, s)",
                 "sigmoid",
                 {}},
        Spelling{"TanhByExp",
                 "e = Exp(z)\nn = Neg(z)\nf = Exp(n)\nd = Sub(e, f)\ns = Add(e, f)\ny = Div(d, s)",
                 "tanh",
                 {}},
        Spelling{"TanhBySigmoid",
                 "d = Add(z, z)\ns = Sigmoid(d)\nt = Mul(s, 2)\ny = Sub(t, 1)",
                 "tanh",
                 {}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Clipped, SpellingTest,
    ::testing::Values(
        Spelling{"Relu6", "y = Clip(z, 0, 6)", "relu6", {}},
        Spelling{"Relu6AsTwo", "a = Relu(z)\ny = Min(a, 6)", "relu6", {}},
        Spelling{"HardTanh", "a = Min(z, 1)\ny = Max(a, -1)", "hard_tanh", {-1.0F, 1.0F}},
        Spelling{"OneBound", "y = Max(z, -0.5)", "threshold", {-0.5F, -0.5F}},
        Spelling{"HardSigmoidOfKeras2",
                 "a = Mul(z, 0.2)\nb = Add(a, 0.5)\nc = Min(b, 1)\ny = Max(c, 0)",
                 "hard_sigmoid",
                 {0.2F, 0.5F}},
        Spelling{"HardSwish",
                 "a = Add(z, 3)\nb = Clip(a, 0, 6)\nc = Mul(z, b)\ny = Div(c, 6)",
                 "hard_swish",
                 {}},
        Spelling{"ThresholdOfPyTorch",
                 "c = LessOrEqual(z, 0.5)\ny = Where(c, -1, z)",
                 "threshold",
                 {0.5F, -1.0F}},
        Spelling{"HardShrink",
                 "a = Abs(z)\nc = LessOrEqual(a, 1.25)\ny = Where(c, 0, z)",
                 "hard_shrink",
                 {1.25F}},
        Spelling{"SoftShrink",
                 "s = Sign(z)\na = Abs(z)\nb = Sub(a, 0.5)\nc = Relu(b)\ny = Mul(s, c)",
                 "soft_shrink",
                 {0.5F}}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Gates, SpellingTest,
    ::testing::Values(
        Spelling{"Silu", "s = Sigmoid(z)\ny = Mul(z, s)", "silu", {}},
        Spelling{
            "QuickGelu", "a = Mul(1.702, z)\ns = Sigmoid(a)\ny = Mul(s, z)", "swish", {1.702F}},
        Spelling{"GeluOfPyTorch",
                 "a = Div(z, 1.4142135)\nb = Erf(a)\nc = Add(b, 1)\nd = Mul(z, c)\ny = Mul(d, 0.5)",
                 "gelu",
                 {}},
        Spelling{
            "GeluTheOtherWay",
            "h = Mul(0.5, z)\na = Mul(z, 0.70710677)\nb = Erf(a)\nc = Add(1, b)\ny = Mul(c, h)",
            "gelu",
            {}},
        Spelling{"GeluByTanh",
                 "p = Pow(z, 3)\na = Mul(p, 0.044715)\nb = Add(z, a)\nc = Mul(b, 0.7978846)\n"
                 "t = Tanh(c)\nd = Add(t, 1)\ne = Mul(z, 0.5)\ny = Mul(e, d)",
                 "gelu_tanh",
                 {}},
        Spelling{"Mish", "s = Softplus(z)\nt = Tanh(s)\ny = Mul(z, t)", "mish", {}},
        Spelling{"MishWithItsThreshold",
                 "s = Softplus(z)\nc = Greater(z, 20)\nl = Where(c, z, s)\nt = Tanh(l)\n"
                 "y = Mul(z, t)",
                 "mish",
                 {}},
        Spelling{"TanhShrink", "t = Tanh(z)\ny = Sub(z, t)", "tanh_shrink", {}},
        Spelling{"Sine", "y = Sin(z)", "sine", {}},
        Spelling{"LogSigmoid", "s = Sigmoid(z)\ny = Log(s)", "log_sigmoid", {}},
        Spelling{
            "LogSigmoidBySoftplus", "n = Neg(z)\ns = Softplus(n)\ny = Neg(s)", "log_sigmoid", {}},
        Spelling{"SoftplusWithBeta",
                 "b = Mul(z, 2)\ns = Softplus(b)\nd = Div(s, 2)\nc = Greater(b, 10)\n"
                 "y = Where(c, z, d)",
                 "softplus",
                 {2.0F, 10.0F}},
        Spelling{"Softsign", "a = Abs(z)\nb = Add(1, a)\ny = Div(z, b)", "softsign", {}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(SpellingsTest, OfTwoActivationsMakeTwoLayers) {
  const auto read = ReadFormula("a = Tanh(z)\ny = Relu(a)");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 2U);
  EXPECT_EQ(read->network.layers()[0].name, "hidden_1");
  EXPECT_EQ(read->network.layers()[1].name, "output");
}

TEST(SpellingsTest, OfNoActivationAreEvaluatedAsUnitFunctions) {
  const auto read = ReadFormula("a = Sqrt(z)\ny = Add(a, 1)");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 3U);
  EXPECT_EQ(read->network.layers()[1].name, "function_1");
  EXPECT_EQ(std::get<UnitFunction>(read->network.layers()[1].operation).function->name, "Sqrt");
  EXPECT_THAT(read->warnings, ElementsAre("Sqrt is evaluated, but its saturation is not counted"));
}

TEST(FoldingTest, FoldsScalesAndShiftsIntoTheAdjacentWeights) {
  const auto read = ReadFormula("a = Mul(z, 2)\nb = Add(a, slopes)\nc = Neg(b)\ny = Tanh(c)");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 1U);
  EXPECT_THAT(read->network.layers()[0].dense().weights, ElementsAre(-2, -4, -6, -8, -10, -12));
  EXPECT_THAT(read->network.layers()[0].dense().bias, ElementsAre(-0.1F, -0.2F, -0.3F));
}

}  // namespace
}  // namespace mlp
