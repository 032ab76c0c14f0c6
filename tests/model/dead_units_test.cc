#include "model/dead_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

#include "tests/model/every_operation.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;

Layer LayerOf(std::int64_t inputs, std::vector<float> weights, std::vector<float> bias,
              Activation activation) {
  Layer layer;
  layer.inputs = inputs;
  layer.units = static_cast<std::int64_t>(bias.size());
  layer.operation = Dense{std::move(weights), std::move(bias)};
  layer.activation = std::move(activation);
  return layer;
}

std::vector<std::int64_t> DeadOf(std::vector<Layer> layers) {
  const auto width = layers.front().inputs;
  const auto last = static_cast<std::int64_t>(layers.size()) - 1;
  const auto units = layers.back().units;
  const absl::StatusOr<Network> network = Network::Create(
      {"x", {width}}, std::move(layers), {{{"y", {units}}, last, Tap::kActivation}});
  EXPECT_TRUE(network.ok()) << network.status();
  return network.ok() ? CountDeadUnits(*network, 0.01) : std::vector<std::int64_t>();
}

const Activation relu_of = {ActivationKind::kRelu, {}};

TEST(DeadUnitsTest, FindsUnitsWithoutWeights) {
  // Four units: no weights with a bias below, at and above 0, and one with a tiny weight.
  EXPECT_THAT(DeadOf({LayerOf(1, {0.0F, 0.0F, 0.0F, 1e-30F}, {-1.0F, 0.0F, 1.0F, -1.0F}, relu_of)}),
              ElementsAre(2));
}

TEST(DeadUnitsTest, UsesTheBoundsOfPrecedingUnits) {
  const Layer sigmoid = LayerOf(1, {1.0F, 1.0F}, {0.0F, 0.0F}, {ActivationKind::kSigmoid, {}});
  // z is at most -0.5 for the first unit, 0 for the second and 0.5 for the third.
  EXPECT_THAT(DeadOf({sigmoid, LayerOf(2, {1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F},
                                       {-2.5F, -2.0F, -1.5F}, relu_of)}),
              ElementsAre(0, 2));
  // Each is between -1 and 1, so their difference is never above 2.
  const Layer tanh = LayerOf(1, {1.0F, 1.0F}, {0.0F, 0.0F}, {ActivationKind::kTanh, {}});
  EXPECT_THAT(DeadOf({tanh, LayerOf(2, {1.0F, 1.0F, -1.0F, -1.0F}, {-2.0F, -1.9F}, relu_of)}),
              ElementsAre(0, 1));
}

TEST(DeadUnitsTest, FindsBothTails) {
  const Activation tanh = {ActivationKind::kTanh, {}};
  // tanh's tails begin at about 2.993.
  EXPECT_THAT(DeadOf({LayerOf(1, {1.0F}, {0.0F}, tanh),
                      LayerOf(1, {1.0F, 1.0F, 1.0F}, {-4.0F, 4.0F, 3.9F}, tanh)}),
              ElementsAre(0, 2));
}

TEST(DeadUnitsTest, PassesBoundsThroughSeveralLayers) {
  const Activation leaky = {ActivationKind::kLeakyRelu, {0.5F}};
  EXPECT_THAT(DeadOf({LayerOf(1, {1.0F}, {0.0F}, {ActivationKind::kSigmoid, {}}),
                      LayerOf(1, {-2.0F}, {0.0F}, leaky),  // in [-1, 0]
                      LayerOf(1, {1.0F, -1.0F}, {0.0F, 0.0F}, relu_of)}),
              ElementsAre(0, 0, 1));
}

TEST(DeadUnitsTest, FollowsTheGraph) {
  // Two units in [0, 1], and layers that read them.
  Layer sigmoid = LayerOf(1, {1.0F, 1.0F}, {0.0F, 0.0F}, {ActivationKind::kSigmoid, {}});
  sigmoid.sources = {Source::OfInput(0, 1)};
  const auto wired = [](RowOperationDetail operation, std::vector<Source> sources) {
    Layer layer;
    layer.operation = std::move(operation);
    layer.units = sources[0].width;
    for (const Source& source : sources) layer.inputs += source.width;
    layer.sources = std::move(sources);
    layer.activation = relu_of;
    return layer;
  };
  const Source both = Source::OfLayer(0, Tap::kActivation, 2);
  // In [-1, 0], which is dead, and in [-0.5, 0.5].
  const Layer shifted = wired(Affine{{}, {-1.0F, -1.0F}, {0.0F, 0.5F}}, {both});
  // Zeros count as missing and are replaced by 1, so this unit is alive.
  const Layer filled =
      wired(Imputation{0.0F, {1.0F, 1.0F}}, {Source::OfLayer(1, Tap::kPreActivation, 2)});
  const Layer product = wired(Product(), {Source::OfLayer(1, Tap::kPreActivation, 2), both});
  const Layer sum = wired(Sum(), {Source::OfLayer(1, Tap::kPreActivation, 2), both});
  const Layer least =
      wired(Minimum(), {Source::OfInput(1, 2), Source::OfLayer(1, Tap::kPreActivation, 2)});
  const Layer z = wired(Concatenation(), {Source::OfLayer(0, Tap::kPreActivation, 2)});
  const absl::StatusOr<Network> network = Network::Create(
      std::vector<TensorSpec>{{"x", {1}}, {"y", {2}}},
      {sigmoid, shifted, filled, product, sum, least, z}, {{{"z", {2}}, 6, Tap::kActivation}});
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_THAT(CountDeadUnits(*network, 0.01), ElementsAre(0, 1, 0, 1, 0, 1, 0));
}

TEST(DeadUnitsTest, FollowsConstantsAndSelectedUnits) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto relu_on = [](Layer layer, std::int64_t units) {
    layer.units = units;
    layer.activation = relu_of;
    return layer;
  };
  Layer dense = LayerOf(4, {1.0F, 1.0F, 1.0F, 1.0F}, {0.0F}, {});
  const Source constants = Source::OfLayer(0, Tap::kPreActivation, 4);
  dense.sources = {constants};
  const absl::StatusOr<Network> network = Network::Create(
      std::vector<TensorSpec>{{"x", {1}}},
      {relu_on(ConstantLayer({-1.0F, 1.0F, nan, -std::numeric_limits<float>::infinity()}), 4),
       relu_on(OperationLayer(Selection{{0, 0, 3, 1, 2}}, {constants}), 5),
       relu_on(OperationLayer(FunctionNamed("Neg"), {constants}), 4), dense},
      {{{"y", {1}}, 3, Tap::kActivation}});
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_THAT(CountDeadUnits(*network, 0.01), ElementsAre(2, 3, 0, 0));
}

TEST(DeadUnitsTest, CountsNothingIfTheActivationIsNotElementWise) {
  EXPECT_THAT(DeadOf({LayerOf(1, {0.0F, 0.0F}, {0.0F, 0.0F}, {ActivationKind::kSoftmax, {}})}),
              ElementsAre(0));
}

}  // namespace
}  // namespace mlp
