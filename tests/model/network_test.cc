#include "model/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/every_operation.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct Parts {
  TensorSpec input;
  std::vector<Layer> layers;
  std::vector<NetworkOutput> outputs;
};

Layer MakeLayer(std::int64_t inputs, std::int64_t units, Activation activation) {
  Layer layer;
  layer.inputs = inputs;
  layer.units = units;
  layer.dense().weights.assign(static_cast<std::size_t>(inputs * units), 0.5F);
  layer.dense().bias.assign(static_cast<std::size_t>(units), 0.25F);
  layer.activation = std::move(activation);
  return layer;
}

// 6 inputs as 2 x 3, a hidden PReLU layer of 4 units, and a softmax of 3.
Parts GoodParts() {
  return {
      {"pixels", {2, 3}},
      {MakeLayer(6, 4, {ActivationKind::kPrelu, {}, {0.1F, 0.2F, 0.3F, 0.4F}}),
       MakeLayer(4, 3, {ActivationKind::kSoftmax})},
      {{{"logits", {3}}, 1, Tap::kPreActivation}, {{"probabilities", {3}}, 1, Tap::kActivation}}};
}

absl::StatusOr<Network> Create(Parts parts) {
  return Network::Create(std::move(parts.input), std::move(parts.layers), std::move(parts.outputs));
}

TEST(NetworkTest, AcceptsPartsThatFitTogether) {
  const auto network = Create(GoodParts());
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_EQ(network->inputs().front().width(), 6);
  EXPECT_EQ(network->layers()[0].name, "hidden_1");
  EXPECT_EQ(network->layers()[1].name, "output");
  EXPECT_EQ(network->parameter_count(), 6 * 4 + 4 + 4 + 4 * 3 + 3);
}

TEST(NetworkTest, FindsItsInputsAndOutputsByName) {
  const auto network = Create(GoodParts());
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_EQ(network->InputNamed("pixels"), 0U);
  EXPECT_EQ(network->InputNamed("logits"), std::nullopt);
  EXPECT_EQ(network->OutputNamed("probabilities"), 1U);
  EXPECT_EQ(network->OutputNamed("probabilitie"), std::nullopt);
}

TEST(NetworkTest, AcceptsAnOutputOfOneValueWithoutADimension) {
  Parts parts = GoodParts();
  parts.layers.push_back(MakeLayer(3, 1, {}));
  parts.layers[1].activation = {};
  parts.outputs = {{{"price", {}}, 2, Tap::kActivation}};
  EXPECT_TRUE(Create(std::move(parts)).ok());
}

// A network sees a known string as its position in the vocabulary, and an unknown one as no
// position.
TEST(NetworkTest, LooksUpStringsOnlyByTheirWords) {
  const auto create = [](Lookup lookup) {
    Layer table = OperationLayer(std::move(lookup), {Source::OfInput(0, 1)});
    table.units = 1;
    Layer dense = MakeLayer(1, 1, {});
    dense.sources = {Source::OfLayer(0, Tap::kActivation, 1)};
    return Network::Create({{"city", {1}, Datatype::kBytes}}, {std::move(table), std::move(dense)},
                           {{{"y", {1}}, 1, Tap::kActivation}},
                           *Vocabulary::Create({"Oslo", "Rome"}))
        .status();
  };
  EXPECT_TRUE(create({1, {0, 1}, {5, 6}, {0}}).ok());
  for (const Lookup& wrong :
       {Lookup{1, {}, {5, 6}, {}}, Lookup{1, {}, {5, 6}, {0}}, Lookup{1, {0, 2}, {5, 6}, {}},
        Lookup{1, {-1, 1}, {5, 6}, {}}, Lookup{1, {0, 0.5F}, {5, 6}, {}},
        Lookup{1, {0, std::numeric_limits<float>::quiet_NaN()}, {5, 6}, {}}}) {
    const absl::Status status = create(wrong);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("layer 'lookup_1' looks up strings; expected keys that are positions in "
                          "the vocabulary of 2 words"));
  }
}

struct Defect {
  const char* name;
  std::function<void(Parts&)> make;
  const char* message;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
};

void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }

class DefectTest : public ::testing::TestWithParam<Defect> {};

TEST_P(DefectTest, IsNamedInTheError) {
  Parts parts = GoodParts();
  GetParam().make(parts);
  const auto network = Create(std::move(parts));
  ASSERT_FALSE(network.ok());
  EXPECT_EQ(network.status().code(), GetParam().code);
  EXPECT_THAT(std::string(network.status().message()), HasSubstr(GetParam().message));
}

// Adds a layer of `units` behind the last one, which has 3.
void AddOperation(Parts& parts, RowOperationDetail operation, std::int64_t units) {
  Layer layer = OperationLayer(std::move(operation), {});
  layer.inputs = 3;
  layer.units = units;
  parts.layers[1].activation = {};
  parts.layers.push_back(std::move(layer));
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    All, DefectTest,
    ::testing::Values(
        Defect{"NoLayer", [](Parts& p) { p.layers.clear(); }, "no dense layer",
               absl::StatusCode::kUnimplemented},
        Defect{"ManyLayers",
               [](Parts& p) { p.layers.insert(p.layers.begin() + 1, 1023, MakeLayer(4, 4, {})); },
               "the network has 1025 layers; supported are at most 1024",
               absl::StatusCode::kUnimplemented},
        Defect{"InfiniteThreshold",
               [](Parts& p) {
                 p.outputs[0].kind = OutputKind::kDecisions;
                 p.outputs[0].tensor.datatype = Datatype::kInt64;
                 p.outputs[0].threshold = -std::numeric_limits<float>::infinity();
               },
               "output 'logits' has the threshold -inf; expected a finite number"},
        Defect{"NoOutput", [](Parts& p) { p.outputs.clear(); }, "no output"},
        Defect{"WidthsDoNotChain", [](Parts& p) { p.layers[1] = MakeLayer(5, 3, {}); },
               "layer 'output' has 5 inputs, but its sources have 4 units"},
        Defect{"ZeroWidth", [](Parts& p) { p.layers[0] = MakeLayer(6, 0, {}); }, "is 0 wide"},
        Defect{"HugeInput",
               [](Parts& p) {
                 p.input.shape = {1 << 20, 1 << 20};
               },
               "input 'pixels' is -1 wide"},
        Defect{"TooFewWeights", [](Parts& p) { p.layers[0].dense().weights.pop_back(); },
               "the weights of layer 'hidden_1' hold 23 values; expected 24"},
        Defect{"TooManyBiases", [](Parts& p) { p.layers[1].dense().bias.push_back(0); },
               "the biases of layer 'output' hold 4 values; expected 3"},
        Defect{"NanWeight", [](Parts& p) { p.layers[0].dense().weights[7] = kNan; },
               "hold nan at position 7"},
        Defect{"NanAlpha", [](Parts& p) { p.layers[0].activation.unit_alpha[2] = kNan; },
               "the activation of layer 'hidden_1': prelu has alpha nan at position 2"},
        Defect{"AlphasOfAnotherCount",
               [](Parts& p) { p.layers[0].activation.unit_alpha.pop_back(); },
               "prelu has 3 alphas; expected 1 or 4"},
        Defect{"AlphaWhereThereIsNone",
               [](Parts& p) { p.layers[1].activation.unit_alpha = {1.0F}; },
               "softmax has 1 alphas of units; expected none"},
        Defect{"ParameterWhereThereIsNone",
               [](Parts& p) { p.layers[1].activation.parameters = {1.0F}; },
               "softmax has 1 parameters; expected 0"},
        Defect{"ParameterOutOfItsRange",
               [](Parts& p) {
                 p.layers[0].activation = {ActivationKind::kCelu, {0.0F}};
               },
               "celu has alpha 0; expected 1e-06 to 1e+06"},
        Defect{"GluOnAnOddCount", [](Parts& p) { p.layers[1].activation = {ActivationKind::kGlu}; },
               "glu is on 3 units; expected an even number"},
        Defect{"SumOfAnotherWidth",
               [](Parts& p) {
                 Layer sum;
                 sum.operation = Sum();
                 sum.inputs = 3;
                 sum.units = 2;
                 p.layers.push_back(sum);
               },
               "layer 'sum_1' has 2 units, which does not match its 1 sources with 3 units"},
        Defect{"ConstantWithASource",
               [](Parts& p) {
                 p.layers.push_back(ConstantLayer({1, 2, 3}));
                 p.layers.back().inputs = 3;
               },
               "layer 'constant_1' has 3 units, which does not match its 1 sources with 3 units"},
        Defect{"TooFewScales",
               [](Parts& p) {
                 AddOperation(p, Affine{{}, {1, 1}, {0, 0, 0}}, 3);
               },
               "the scales of layer 'affine_1' hold 2 values; expected 3"},
        Defect{"InfiniteShift",
               [](Parts& p) {
                 const float infinity = std::numeric_limits<float>::infinity();
                 AddOperation(p, Affine{{}, {1, 1, 1}, {0, infinity, 0}}, 3);
               },
               "the shifts of layer 'affine_1' hold inf at position 1; expected finite numbers"},
        Defect{"TooManyCenters",
               [](Parts& p) {
                 AddOperation(p, Affine{{1, 1, 1, 1}, {1, 1, 1}, {0, 0, 0}}, 3);
               },
               "the centers of layer 'affine_1' hold 4 values; expected 3"},
        Defect{"NegativeEpsilon",
               [](Parts& p) {
                 AddOperation(p, Normalization{Norm::kRms, -1.0F}, 3);
               },
               "the epsilon of layer 'normalize_1' is -1; expected a finite number of 0 or more"},
        Defect{"TooFewValuesForMissingOnes",
               [](Parts& p) {
                 AddOperation(p, Imputation{kNan, {1}}, 3);
               },
               "the values for missing ones of layer 'impute_1' hold 1 values; expected 3"},
        Defect{"BoundsOutOfOrder",
               [](Parts& p) {
                 AddOperation(p, Quantization{1, 0, 2, 1}, 3);
               },
               "the quantisation of layer 'quantize_1' has the scale 1, the zero point 0 and the "
               "bounds 2 and 1; expected finite numbers, a scale above 0 and bounds in order"},
        Defect{"NoFunction", [](Parts& p) { AddOperation(p, UnitFunction{}, 3); },
               "layer 'function_1': it has no function"},
        Defect{"FunctionOfTooFew", [](Parts& p) { AddOperation(p, FunctionNamed("Sub"), 3); },
               "layer 'function_1': Sub has 1 sources; expected 2 to 2"},
        Defect{"FunctionOfAnotherWidth",
               [](Parts& p) { AddOperation(p, FunctionNamed("Sqrt"), 2); },
               "layer 'function_1' has 2 units, which does not match its 1 sources with 3 units"},
        Defect{"FunctionWithoutItsParameters",
               [](Parts& p) { AddOperation(p, FunctionNamed("Elu"), 3); },
               "layer 'function_1': Elu has 0 parameters; expected 1"},
        Defect{"FunctionOfNan", [](Parts& p) { AddOperation(p, FunctionNamed("Elu", {kNan}), 3); },
               "layer 'function_1': a parameter is nan; expected a finite one"},
        Defect{"ReductionOfNothing",
               [](Parts& p) {
                 AddOperation(p, Reduction{ReductionKind::kSum, 3, 0, 1}, 3);
               },
               "layer 'reduce_1': it reduces [3,0,1]; expected sizes from 1 to 1048576"},
        Defect{"ReductionOfMoreThanThereIs",
               [](Parts& p) {
                 AddOperation(p, Reduction{ReductionKind::kSum, 1 << 20, 1 << 20, 1 << 20}, 3);
               },
               "layer 'reduce_1' has 3 units, which does not match its 1 sources with 3 units"},
        Defect{"SelectionBeyondTheLast",
               [](Parts& p) {
                 AddOperation(p, Selection{{2, 3}}, 2);
               },
               "layer 'select_1': it selects unit 3, but there are 3"},
        Defect{"SelectionBeforeTheFirst", [](Parts& p) { AddOperation(p, Selection{{-1}}, 1); },
               "layer 'select_1': it selects unit -1, but there are 3"},
        Defect{"SelectionOfAnotherCount", [](Parts& p) { AddOperation(p, Selection{{0}}, 2); },
               "layer 'select_1' has 2 units, which does not match its 1 sources"},
        Defect{"TableOfNothing",
               [](Parts& p) {
                 AddOperation(p, Lookup{2, {}, {}, {}}, 6);
               },
               "layer 'lookup_1': its table has 0 values; expected some rows of 2"},
        Defect{"TableOfHalfARow",
               [](Parts& p) {
                 AddOperation(p, Lookup{2, {}, {1, 2, 3}, {}}, 6);
               },
               "layer 'lookup_1': its table has 3 values; expected some rows of 2"},
        Defect{"TooManyKeys",
               [](Parts& p) {
                 AddOperation(p, Lookup{1, {1, 2}, {1}, {}}, 3);
               },
               "layer 'lookup_1': its table has 1 rows and 2 keys"},
        Defect{"KeysOutOfOrder",
               [](Parts& p) {
                 AddOperation(p, Lookup{1, {1, 1}, {1, 2}, {}}, 3);
               },
               "layer 'lookup_1': its keys 1 and 1 are not in ascending order"},
        Defect{"NanAmongKeys",
               [](Parts& p) {
                 AddOperation(p, Lookup{1, {kNan, 1}, {1, 2}, {}}, 3);
               },
               "layer 'lookup_1': its keys nan and 1 are not in ascending order"},
        Defect{"OtherValuesOfAnotherWidth",
               [](Parts& p) {
                 AddOperation(p, Lookup{1, {}, {1}, {1, 2}}, 3);
               },
               "layer 'lookup_1': the row for unknown values has 2 values; expected 1"},
        Defect{"ProductOfOneMatrix",
               [](Parts& p) { AddOperation(p, MatrixProduct{1, 1, 3, 1}, 1); },
               "layer 'matrix_product_1' has 1 units, which does not match its 1 sources"},
        Defect{"ProductOfNoDepth", [](Parts& p) { AddOperation(p, MatrixProduct{1, 1, 0, 1}, 1); },
               "layer 'matrix_product_1': it multiplies 1 matrices [1,0] by [0,1]"},
        Defect{"OutputOfAnotherWidth", [](Parts& p) { p.outputs[0].tensor.shape = {4}; },
               "output 'logits' is 4 wide, but layer 'output' has 3 units"},
        Defect{"OutputOfNoLayer", [](Parts& p) { p.outputs[0].layer = 2; },
               "reads layer 2, but there are"},
        Defect{"ManyOutputs", [](Parts& p) { p.outputs.resize(4'097, p.outputs[0]); },
               "the network has 1 inputs and 4097 outputs; supported are at most 4096 of each",
               absl::StatusCode::kUnimplemented},
        Defect{"OutputTwice", [](Parts& p) { p.outputs[1].tensor.name = "logits"; },
               "'logits' is empty or occurs twice"},
        Defect{"InputWithoutName", [](Parts& p) { p.input.name.clear(); }, "no name"}),
    [](const auto& defect) { return std::string(defect.param.name); });

}  // namespace
}  // namespace mlp
