// Checks what an observer sees of an evaluation, and that observing leaves every bit of the answers
// unchanged.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "tests/model/every_operation.h"

namespace mlp {
namespace {

struct ObservedCase {
  std::string name;
  Network network;
};

Layer RandomDense(std::vector<Source> sources, std::int64_t units, ActivationKind kind,
                  std::mt19937& random) {
  std::normal_distribution<float> normal;
  Layer layer = OperationLayer(Dense(), std::move(sources));
  layer.units = units;
  for (std::int64_t i = 0; i < layer.inputs * units; ++i) {
    layer.dense().weights.push_back(0.4F * normal(random));
  }
  for (std::int64_t i = 0; i < units; ++i) layer.dense().bias.push_back(normal(random));
  layer.activation = DefaultActivation(kind);
  if (kind == ActivationKind::kPrelu) {
    layer.activation.unit_alpha.clear();
    for (std::int64_t i = 0; i < units; ++i) layer.activation.unit_alpha.push_back(normal(random));
  }
  return layer;
}

NetworkOutput ValuesAt(std::string name, std::int64_t layer, Tap tap, std::int64_t width) {
  NetworkOutput output;
  output.tensor = {std::move(name), {width}};
  output.layer = layer;
  output.tap = tap;
  return output;
}

Network ChainOf(ActivationKind hidden, ActivationKind last, std::mt19937& random) {
  std::vector<Layer> layers;
  layers.push_back(RandomDense({Source::OfInput(0, 7)}, 37, hidden, random));
  layers.push_back(RandomDense({Source::OfLayer(0, Tap::kActivation, 37)}, 70, hidden, random));
  layers.push_back(RandomDense({Source::OfLayer(1, Tap::kActivation, 70)}, 5, last, random));
  return Network::Create(
             std::vector<TensorSpec>{{"x", {7}}}, std::move(layers),
             {ValuesAt("z", 2, Tap::kPreActivation, 5), ValuesAt("a", 2, Tap::kActivation, 5)})
      .value();
}

// x, a layer that reads it, and their sum through a PReLU. The answer reads the sum's
// pre-activation.
Network ResidualOf(std::mt19937& random) {
  const Source x = Source::OfInput(0, 7);
  std::vector<Layer> layers;
  layers.push_back(RandomDense({x}, 7, ActivationKind::kTanh, random));
  Layer sum = OperationLayer(Sum(), {Source::OfLayer(0, Tap::kActivation, 7), x});
  sum.units = 7;
  sum.activation = DefaultActivation(ActivationKind::kPrelu);
  layers.push_back(std::move(sum));
  layers.push_back(RandomDense(
      {Source::OfLayer(1, Tap::kPreActivation, 7), Source::OfLayer(1, Tap::kActivation, 7)}, 4,
      ActivationKind::kSoftmax, random));
  return Network::Create(
             std::vector<TensorSpec>{{"x", {7}}}, std::move(layers),
             {ValuesAt("a", 2, Tap::kActivation, 4), ValuesAt("z", 0, Tap::kPreActivation, 7)})
      .value();
}

std::vector<ObservedCase> ObservedCases() {
  std::mt19937 random(5);
  std::vector<ObservedCase> cases;
  cases.push_back({"prelu", ChainOf(ActivationKind::kPrelu, ActivationKind::kSoftmax, random)});
  cases.push_back({"sigmoid", ChainOf(ActivationKind::kSigmoid, ActivationKind::kTanh, random)});
  cases.push_back({"identity", ChainOf(ActivationKind::kIdentity, ActivationKind::kRelu, random)});
  cases.push_back({"residual", ResidualOf(random)});
  cases.push_back({"every operation", NetworkOfEveryOperation()});
  return cases;
}

// Inputs of `rows` rows. Those for categories are positions.
std::vector<std::vector<float>> InputsOf(const Network& network, std::int64_t rows,
                                         std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> inputs;
  for (const TensorSpec& spec : network.inputs()) {
    std::vector<float>& values = inputs.emplace_back(static_cast<std::size_t>(rows * spec.width()));
    for (float& value : values) {
      value = spec.name == "category" ? static_cast<float>(random() % 3) : normal(random);
    }
  }
  return inputs;
}

template <typename Value>
std::vector<Value*> PointersTo(std::vector<std::vector<float>>& arrays) {
  std::vector<Value*> pointers;
  for (std::vector<float>& array : arrays) pointers.push_back(array.data());
  return pointers;
}

std::vector<std::vector<float>> RoomForOutputs(const Network& network, std::int64_t rows) {
  std::vector<std::vector<float>> outputs;
  for (const NetworkOutput& output : network.outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(rows * network.WidthOf(output)));
  }
  return outputs;
}

// Compares |f'(z)| of one row of a layer with the definition in double.
void ExpectSlopes(const Layer& layer, const float* z, const std::vector<float>& slopes,
                  std::int64_t row) {
  for (std::int64_t unit = 0; unit < layer.units; ++unit) {
    const std::int64_t i = row * layer.units + unit;
    const auto parameters = ParametersOfUnit(layer.activation, unit);
    ASSERT_NEAR(slopes[static_cast<std::size_t>(i)],
                std::abs(InfoOf(layer.activation.kind).slope(z[i], parameters)), 1e-4)
        << layer.name << ", unit " << unit << ", z = " << z[i];
  }
}

TEST(ObservedEvaluationTest, ShowsTheValuesBehindUnchangedAnswers) {
  for (ObservedCase& observed_case : ObservedCases()) {
    SCOPED_TRACE(observed_case.name);
    std::mt19937 random(3);
    const std::int64_t rows = 150;
    tbb::task_arena arena(2);
    const Evaluator evaluator(std::move(observed_case.network), 0.01, arena);
    const Network& network = evaluator.network();
    std::vector<std::vector<float>> inputs = InputsOf(network, rows, random);
    Evaluator::Workspace workspace = evaluator.MakeWorkspace();
    std::vector<std::vector<float>> expected = RoomForOutputs(network, rows);
    NetworkActivity counted = MakeNetworkActivity(network);
    evaluator.Evaluate(rows, PointersTo<const float>(inputs), PointersTo<float>(expected),
                       workspace, counted);
    SettleNetworkActivity(counted);

    std::vector<std::vector<float>> outputs = RoomForOutputs(network, rows);
    std::vector<std::int64_t> seen(network.layers().size());
    std::vector<double> sums(network.layers().size());
    evaluator.EvaluateObserved(
        rows, PointersTo<const float>(inputs), PointersTo<float>(outputs), workspace,
        [&](std::size_t index, std::int64_t first_row, std::int64_t count, const float* z,
            const float* a) {
          const Layer& layer = network.layers()[index];
          ASSERT_EQ(first_row, seen[index]);
          seen[index] += count;
          for (std::size_t k = 0; k < outputs.size(); ++k) {
            const NetworkOutput& output = network.outputs()[k];
            if (output.layer != static_cast<std::int64_t>(index)) continue;
            const std::int64_t width = network.WidthOf(output);
            EXPECT_EQ(std::memcmp(output.tap == Tap::kActivation ? a : z,
                                  expected[k].data() + first_row * width,
                                  static_cast<std::size_t>(count * width) * sizeof(float)),
                      0);
          }
          if (!layer.has_activity()) return;
          for (std::int64_t i = 0; i < count * layer.units; ++i) sums[index] += a[i];
          std::vector<float> slopes(static_cast<std::size_t>(count * layer.units));
          evaluator.Slopes(index, z, a, count, slopes.data());
          for (std::int64_t row = 0; row < count; ++row) ExpectSlopes(layer, z, slopes, row);
        });
    EXPECT_EQ(outputs, expected);
    for (std::size_t index = 0; index < network.layers().size(); ++index) {
      EXPECT_EQ(seen[index], rows);
      if (network.layers()[index].has_activity()) {
        EXPECT_NEAR(sums[index], counted[index].Sum(), 1e-4 * (1.0 + std::abs(sums[index])));
      }
    }
  }
}

}  // namespace
}  // namespace mlp
