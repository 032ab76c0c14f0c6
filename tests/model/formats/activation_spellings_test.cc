// Ways to write an activation, and which one the reader tells it to be.

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
#include "model/formats/onnx_reader.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A layer "z" of three units, and what `formula` makes of it: nodes "name = Operator(a, b)", one a
// line, the last one being "y". Numbers stand for themselves, "slopes" for three of them.
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
      initializer { name: "minus_slopes" data_type: 1 dims: 3 float_data: [-0.1, -0.2, -0.3] }
      node { op_type: "MatMul" input: "x" input: "w" output: "z" }
    })",
                                                            &model));
  onnx::GraphProto& graph = *model.mutable_graph();
  for (const std::string line : absl::StrSplit(formula, '\n')) {
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
      const bool there = std::any_of(graph.initializer().begin(), graph.initializer().end(),
                                     [&](const auto& tensor) { return tensor.name() == parts[i]; });
      if (there) continue;
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

TEST_P(SpellingTest, IsToldForWhatItIs) {
  const auto read = ReadFormula(GetParam().formula);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 1U);
  const Activation& activation = read->network.layers()[0].activation;
  EXPECT_EQ(InfoOf(activation.kind).name, GetParam().activation);
  EXPECT_EQ(activation.alpha, GetParam().parameters);
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

TEST(SpellingsTest, ThatAreOfTwoActivationsMakeTwoLayers) {
  const auto read = ReadFormula("a = Tanh(z)\ny = Relu(a)");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 2U);
  EXPECT_EQ(read->network.layers()[0].name, "hidden_1");
  EXPECT_EQ(read->network.layers()[1].name, "output");
}

TEST(SpellingsTest, ThatAreNoActivationAreRefusedByTheirNode) {
  EXPECT_THAT(
      std::string(ReadFormula("a = Sqrt(z)\ny = Add(a, 1)").status().message()),
      HasSubstr("the node of 'a' of type 'Sqrt': what it makes of its input is no activation"));
}

TEST(FoldingTest, TakesScalesAndShiftsIntoTheWeightsBesideThem) {
  const auto read = ReadFormula("a = Mul(z, 2)\nb = Add(a, slopes)\nc = Neg(b)\ny = Tanh(c)");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 1U);
  EXPECT_THAT(read->network.layers()[0].weights, ElementsAre(-2, -4, -6, -8, -10, -12));
  EXPECT_THAT(read->network.layers()[0].bias, ElementsAre(-0.1F, -0.2F, -0.3F));
}

}  // namespace
}  // namespace mlp
