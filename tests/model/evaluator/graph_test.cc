// Networks that are not chains, each small enough to be worked out by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;

Layer DenseOf(std::vector<Source> sources, std::int64_t units, std::vector<float> weights,
              ActivationKind activation = ActivationKind::kIdentity) {
  Layer layer;
  layer.units = units;
  layer.inputs = static_cast<std::int64_t>(weights.size()) / units;
  layer.operation =
      Dense{std::move(weights), std::vector<float>(static_cast<std::size_t>(units), 0.0F)};
  layer.activation.kind = activation;
  layer.sources = std::move(sources);
  return layer;
}

Layer Wiring(RowOperationDetail operation, std::vector<Source> sources, std::int64_t units) {
  Layer layer;
  layer.operation = std::move(operation);
  for (const Source& source : sources) layer.inputs += source.width;
  layer.units = units;
  layer.sources = std::move(sources);
  return layer;
}

NetworkOutput Output(std::int64_t layer, std::int64_t width) {
  NetworkOutput output;
  output.tensor = {"y", {width}};
  output.layer = layer;
  return output;
}

std::vector<float> Answer(const Network& network, const std::vector<std::vector<float>>& inputs,
                          std::int64_t rows) {
  tbb::task_arena arena(1);
  const Evaluator evaluator(network, 0.01, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(network);
  std::vector<const float*> data;
  data.reserve(inputs.size());
  for (const std::vector<float>& input : inputs) data.push_back(input.data());
  std::vector<float> y(static_cast<std::size_t>(rows * network.WidthOf(network.outputs()[0])));
  float* const outputs[] = {y.data()};
  evaluator.Evaluate(rows, data, outputs, workspace, activity);
  return y;
}

Network Made(std::vector<TensorSpec> inputs, std::vector<Layer> layers, NetworkOutput output) {
  auto network = Network::Create(std::move(inputs), std::move(layers), {std::move(output)});
  EXPECT_TRUE(network.ok()) << network.status();
  return std::move(network).value();
}

TEST(GraphTest, AddsAResidual) {
  const Source x = Source::OfInput(0, 2);
  const Network network = Made({{"x", {2}}},
                               {DenseOf({x}, 2, {1, 0, 0, -1}, ActivationKind::kRelu),
                                Wiring(Sum(), {Source::OfLayer(0, Tap::kActivation, 2), x}, 2)},
                               Output(1, 2));
  EXPECT_EQ(network.layers()[0].name, "output");
  EXPECT_EQ(network.layers()[1].name, "sum_1");
  EXPECT_THAT(Answer(network, {{3, 4, 5, -6}}, 2), ElementsAre(6, 4, 10, 0));
}

TEST(GraphTest, JoinsInputsAndPartsOfThem) {
  Source second = Source::OfInput(1, 3);
  second.first = 1;
  second.width = 2;
  const Network network =
      Made({{"a", {1}}, {"b", {3}}}, {DenseOf({second, Source::OfInput(0, 1)}, 1, {1, 10, 100})},
           Output(0, 1));
  EXPECT_THAT(Answer(network, {{1, 2}, {7, 8, 9, 4, 5, 6}}, 2), ElementsAre(198, 265));
}

TEST(GraphTest, GatesOneHalfByTheOther) {
  Source value = Source::OfLayer(0, Tap::kPreActivation, 2);
  Source gate = value;
  value.width = gate.width = gate.first = 1;
  Layer relu = Wiring(Concatenation(), {gate}, 1);
  relu.activation.kind = ActivationKind::kRelu;
  const Network network =
      Made({{"x", {1}}},
           {DenseOf({Source::OfInput(0, 1)}, 2, {2, 3}), std::move(relu),
            Wiring(Product(), {value, Source::OfLayer(1, Tap::kActivation, 1)}, 1)},
           Output(2, 1));
  EXPECT_EQ(network.layers()[0].name, "hidden_1");
  EXPECT_EQ(network.layers()[1].name, "output");
  EXPECT_EQ(network.layers()[2].name, "product_1");
  EXPECT_TRUE(network.layers()[1].has_activity());
  EXPECT_FALSE(network.layers()[2].has_activity());
  EXPECT_THAT(Answer(network, {{1, -1}}, 2), ElementsAre(6, 0));
}

TEST(GraphTest, ComputesMaximaAndMinima) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [operation, first, second] :
       {std::tuple{RowOperationDetail(Maximum()), 5.0F, 2.0F},
        std::tuple{RowOperationDetail(Minimum()), 1.0F, -3.0F}}) {
    const Network network =
        Made({{"a", {1}}, {"b", {1}}},
             {Wiring(operation, {Source::OfInput(0, 1), Source::OfInput(1, 1)}, 1),
              DenseOf({Source::OfLayer(0, Tap::kActivation, 1)}, 1, {1})},
             Output(1, 1));
    const std::vector<float> answer = Answer(network, {{1, 2, nan, 4}, {5, -3, 1, nan}}, 4);
    EXPECT_EQ(answer[0], first);
    EXPECT_EQ(answer[1], second);
    EXPECT_TRUE(std::isnan(answer[2]));
    EXPECT_TRUE(std::isnan(answer[3]));
  }
}

TEST(GraphTest, ScalesAroundACenterWithoutLosingBits) {
  Layer affine = Wiring(Affine{{16777215, 0}, {2, 0.5F}, {1, 0}}, {Source::OfInput(0, 2)}, 2);
  const Network network =
      Made({{"x", {2}}},
           {std::move(affine), DenseOf({Source::OfLayer(0, Tap::kActivation, 2)}, 2, {1, 0, 0, 1})},
           Output(1, 2));
  EXPECT_THAT(Answer(network, {{16777216, 3}}, 1), ElementsAre(3, 1.5F));
}

// The first value of x, [2], divided by its norm.
Network NormalizedBy(Norm norm, float epsilon) {
  Layer normalize = Wiring(Normalization{norm, epsilon}, {Source::OfInput(0, 2)}, 2);
  return Made({{"x", {2}}},
              {std::move(normalize), DenseOf({Source::OfLayer(0, Tap::kActivation, 2)}, 1, {1, 0})},
              Output(1, 1));
}

TEST(GraphTest, NormalizesRowsAndLeavesZeros) {
  for (const auto& [norm, first] :
       std::vector<std::pair<Norm, float>>{{Norm::kL1, 3.0F / 7},
                                           {Norm::kL2, 0.6F},
                                           {Norm::kMax, 0.75F},
                                           {Norm::kGreatest, 0.75F},
                                           {Norm::kStandard, -1.0F},
                                           {Norm::kRms, static_cast<float>(3 / std::sqrt(12.5))}}) {
    const Network network = NormalizedBy(norm, 1e-30F);
    EXPECT_THAT(Answer(network, {{3, 4, 0, 0}}, 2), ElementsAre(first, 0));
  }
}

TEST(GraphTest, DividesByASpreadOfZero) {
  for (const Norm norm : {Norm::kStandard, Norm::kRms}) {
    EXPECT_TRUE(std::isnan(Answer(NormalizedBy(norm, 0.0F), {{0, 0}}, 1)[0]));
  }
}

TEST(GraphTest, HasAnInfiniteSpreadIfTheSumOverflows) {
  for (const Norm norm : {Norm::kStandard, Norm::kRms}) {
    EXPECT_EQ(Answer(NormalizedBy(norm, 0.0F), {{1e30F, -1e30F}}, 1)[0], 0.0F);
  }
}

TEST(GraphTest, KeepsTheDirectionIfTheNormOrItsSquareIsOutOfRange) {
  const float diagonal = static_cast<float>(std::sqrt(0.5));
  for (const float value : {1e-42F, 1e-30F, 1.0F, 1e30F, 3e38F}) {
    EXPECT_EQ(Answer(NormalizedBy(Norm::kL1, 0.0F), {{value, -value}}, 1)[0], 0.5F) << value;
    EXPECT_EQ(Answer(NormalizedBy(Norm::kL2, 0.0F), {{value, -value}}, 1)[0], diagonal) << value;
    // Alone in a batch, and together with another row.
    const std::vector<float> beside =
        Answer(NormalizedBy(Norm::kL2, 0.0F), {{3, 4, value, -value}}, 2);
    EXPECT_EQ(beside[1], diagonal) << value;
  }
}

TEST(GraphTest, FillsInMissingValues) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Layer impute = Wiring(Imputation{nan, {7, 8}}, {Source::OfInput(0, 2)}, 2);
  const Network network =
      Made({{"x", {2}}},
           {std::move(impute), DenseOf({Source::OfLayer(0, Tap::kActivation, 2)}, 2, {1, 0, 0, 1})},
           Output(1, 2));
  EXPECT_THAT(Answer(network, {{nan, 2, 3, nan}}, 2), ElementsAre(7, 2, 3, 8));
}

TEST(GraphTest, RoundsToTheStepsOfAQuantisedTensor) {
  Layer quantize = Wiring(Quantization{0.5F, 3, 0, 255}, {Source::OfInput(0, 1)}, 1);
  const Network network =
      Made({{"x", {1}}},
           {std::move(quantize), DenseOf({Source::OfLayer(0, Tap::kActivation, 1)}, 1, {1})},
           Output(1, 1));
  // 0.25 is half a step and rounds to the even one. The range is [-1.5, 126].
  EXPECT_THAT(Answer(network, {{0.25F, 0.75F, 1.1F, -9, 1000}}, 5),
              ElementsAre(0, 1, 1, -1.5F, 126));
}

// A value must last until its last reader, however many layers lie between.
TEST(GraphTest, KeepsAValueForALaterLayer) {
  std::vector<Layer> layers;
  layers.push_back(DenseOf({Source::OfInput(0, 1)}, 1, {1}, ActivationKind::kRelu));
  for (std::int64_t i = 1; i < 6; ++i) {
    layers.push_back(
        DenseOf({Source::OfLayer(i - 1, Tap::kActivation, 1)}, 1, {2}, ActivationKind::kRelu));
  }
  layers.push_back(
      Wiring(Sum(),
             {Source::OfLayer(0, Tap::kPreActivation, 1), Source::OfLayer(0, Tap::kActivation, 1),
              Source::OfLayer(5, Tap::kActivation, 1)},
             1));
  const Network network = Made({{"x", {1}}}, std::move(layers), Output(6, 1));
  EXPECT_THAT(Answer(network, {{1, -1}}, 2), ElementsAre(34, -1));
}

TEST(MemoryPlanTest, UsesThreeBuffersForAChainOfAnyDepth) {
  std::vector<Layer> layers;
  for (std::int64_t i = 0; i < 10; ++i) {
    layers.push_back(
        DenseOf({i == 0 ? Source::OfInput(0, 3) : Source::OfLayer(i - 1, Tap::kActivation, 3)}, 3,
                std::vector<float>(9, 1.0F), ActivationKind::kTanh));
  }
  const Network network = Made({{"x", {3}}}, std::move(layers), Output(9, 3));
  EXPECT_THAT(PlanMemory(network).widths, ElementsAre(3, 3, 3));
}

}  // namespace
}  // namespace mlp
