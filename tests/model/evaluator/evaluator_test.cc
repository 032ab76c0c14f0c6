// Compares the evaluator with a separate reference: plain loops in double, straight from the
// definitions in docs/reference/saturation.md.

#include "model/evaluator/evaluator.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/network.h"
#include "tests/model/evaluator/normal_values.h"

namespace mlp {
namespace {

constexpr double kTailEpsilon = 0.01;

struct ReferenceLayer {
  std::vector<double> z;
  std::vector<double> a;
};

std::vector<ReferenceLayer> ReferenceRow(const Network& network, const float* inputs) {
  std::vector<double> x(inputs, inputs + network.inputs().front().width());
  std::vector<ReferenceLayer> result;
  for (const Layer& layer : network.layers()) {
    ReferenceLayer reference;
    const ActivationInfo& activation = InfoOf(layer.activation.kind);
    for (std::int64_t unit = 0; unit < layer.units; ++unit) {
      double z = layer.dense().bias[static_cast<std::size_t>(unit)];
      for (std::int64_t i = 0; i < layer.inputs; ++i) {
        z += x[static_cast<std::size_t>(i)] *
             layer.dense().weights[static_cast<std::size_t>(i * layer.units + unit)];
      }
      reference.z.push_back(z);
      const auto parameters = ParametersOfUnit(layer.activation, unit);
      reference.a.push_back(activation.elementwise ? activation.value(z, parameters) : z);
    }
    if (layer.activation.kind == ActivationKind::kSoftmax) {
      double sum = 0;
      for (const double z : reference.z) sum += std::exp(z);
      for (std::size_t i = 0; i < reference.z.size(); ++i) {
        reference.a[i] = std::exp(reference.z[i]) / sum;
      }
    }
    if (layer.activation.kind == ActivationKind::kGlu) {
      const std::size_t half = reference.z.size() / 2;
      reference.a.resize(half);
      for (std::size_t i = 0; i < half; ++i) {
        reference.a[i] = reference.z[i] / (1 + std::exp(-reference.z[half + i]));
      }
    }
    x = reference.a;
    result.push_back(std::move(reference));
  }
  return result;
}

std::shared_ptr<const Network> RandomNetwork(const std::vector<std::int64_t>& widths,
                                             ActivationKind hidden, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Layer layer;
    layer.inputs = layers.empty() ? widths[i] : layers.back().outputs();
    layer.units = widths[i + 1];
    const float scale = 2.0F / std::sqrt(static_cast<float>(layer.inputs));
    for (std::int64_t k = 0; k < layer.inputs * layer.units; ++k) {
      layer.dense().weights.push_back(scale * normal(random));
    }
    for (std::int64_t k = 0; k < layer.units; ++k) layer.dense().bias.push_back(normal(random));
    const bool last = i + 2 == widths.size();
    layer.activation = DefaultActivation(last ? ActivationKind::kSoftmax : hidden);
    if (!last && hidden == ActivationKind::kPrelu) {
      layer.activation.unit_alpha.clear();
      for (std::int64_t k = 0; k < layer.units; ++k) {
        layer.activation.unit_alpha.push_back(k % 3 == 0 ? 0.001F : normal(random));
      }
    } else if (!last && hidden == ActivationKind::kElu) {
      layer.activation.parameters = {0.7F};
    }
    layers.push_back(std::move(layer));
  }
  const auto last = static_cast<std::int64_t>(layers.size()) - 1;
  const std::int64_t first_width = layers.front().outputs();
  auto network = Network::Create({"x", {widths.front()}}, std::move(layers),
                                 {{{"logits", {widths.back()}}, last, Tap::kPreActivation},
                                  {{"probabilities", {widths.back()}}, last, Tap::kActivation},
                                  {{"first_hidden", {first_width}}, 0, Tap::kActivation}});
  return std::make_shared<const Network>(std::move(network).value());
}

struct Case {
  const char* name;
  ActivationKind hidden;
  std::vector<std::int64_t> widths;
  std::int64_t rows;
};

void PrintTo(const Case& network, std::ostream* out) { *out << network.name; }

class EvaluatorTest : public ::testing::TestWithParam<Case> {};

TEST_P(EvaluatorTest, AnswersAndCountsAsTheDefinitionsSay) {
  std::mt19937 random(7);
  const auto network = RandomNetwork(GetParam().widths, GetParam().hidden, random);
  const std::int64_t rows = GetParam().rows;
  const std::vector<float> inputs = NormalValues(rows * network->inputs().front().width(), random);

  tbb::task_arena arena(3);
  const Evaluator evaluator(*network, kTailEpsilon, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(*network);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (const NetworkOutput& output : network->outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(rows * output.tensor.width()));
  }
  pointers.reserve(outputs.size());
  for (auto& output : outputs) pointers.push_back(output.data());
  evaluator.Evaluate(rows, inputs.data(), pointers, workspace, activity);
  SettleNetworkActivity(activity);

  NetworkActivity expected = MakeNetworkActivity(*network);
  std::vector<std::vector<Tails>> tails_of;  // by layer and unit
  for (const Layer& layer : network->layers()) {
    tails_of.emplace_back();
    const ActivationInfo& activation = InfoOf(layer.activation.kind);
    for (std::int64_t unit = 0; activation.elementwise && unit < layer.units; ++unit) {
      tails_of.back().push_back(
          activation.tails(ParametersOfUnit(layer.activation, unit), kTailEpsilon));
    }
  }
  std::vector<std::int64_t> uncertain(expected.size());    // too near a bound for float
  std::vector<std::vector<std::int64_t>> uncertain_signs;  // too near zero, by unit
  for (const Layer& layer : network->layers()) {
    uncertain_signs.emplace_back(static_cast<std::size_t>(layer.units));
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto reference =
        ReferenceRow(*network, inputs.data() + row * network->inputs().front().width());
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const NetworkOutput& output = network->outputs()[k];
      const auto& layer = reference[static_cast<std::size_t>(output.layer)];
      const auto& values = output.tap == Tap::kPreActivation ? layer.z : layer.a;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const float answer = outputs[k][static_cast<std::size_t>(row) * values.size() + i];
        ASSERT_NEAR(answer, values[i], 2e-5 * (1 + std::fabs(values[i])))
            << output.tensor.name << " of row " << row << ", unit " << i;
      }
    }
    for (std::size_t l = 0; l + 1 < reference.size(); ++l) {
      const Layer& layer = network->layers()[l];
      const ActivationInfo& activation = InfoOf(layer.activation.kind);
      if (!activation.elementwise) continue;
      LayerActivity& counts = expected[l];
      ++counts.rows;
      for (std::size_t unit = 0; unit < reference[l].z.size(); ++unit) {
        const double z = reference[l].z[unit];
        const auto parameters = ParametersOfUnit(layer.activation, static_cast<std::int64_t>(unit));
        const Tails& tails = tails_of[l][unit];
        counts.unit_lower_tail[unit] += z <= tails.lower ? 1 : 0;
        counts.unit_upper_tail[unit] += z >= tails.upper ? 1 : 0;
        if (std::fabs(z - tails.lower) < 1e-4 || std::fabs(z - tails.upper) < 1e-4) {
          ++uncertain[l];
        }
        counts.unit_values[unit] += reference[l].a[unit];
        counts.unit_negative[unit] += reference[l].a[unit] < 0 ? 1 : 0;
        if (std::fabs(reference[l].a[unit]) < 1e-5) ++uncertain_signs[l][unit];
        counts.sum_of_squares += reference[l].a[unit] * reference[l].a[unit];
        const double h = 1e-6;
        counts.unit_slopes[unit] +=
            std::fabs(activation.value(z, parameters) - activation.value(z - h, parameters)) / h;
      }
    }
  }
  for (std::size_t l = 0; l < expected.size(); ++l) {
    const auto near = [&](std::int64_t a, std::int64_t b) {
      return std::abs(a - b) <= uncertain[l];
    };
    EXPECT_EQ(activity[l].rows, expected[l].rows) << "layer " << l;
    EXPECT_TRUE(near(activity[l].LowerTail(), expected[l].LowerTail())) << "layer " << l;
    EXPECT_TRUE(near(activity[l].UpperTail(), expected[l].UpperTail())) << "layer " << l;
    EXPECT_TRUE(near(activity[l].DeadUnits(), expected[l].DeadUnits())) << "layer " << l;
    const double activations =
        static_cast<double>(rows) * static_cast<double>(network->layers()[l].units);
    EXPECT_LE(static_cast<double>(uncertain[l]), 1 + 1e-3 * activations);
    for (std::size_t unit = 0; unit < expected[l].unit_values.size(); ++unit) {
      EXPECT_NEAR(activity[l].unit_values[unit], expected[l].unit_values[unit],
                  1e-5 * static_cast<double>(rows))
          << "layer " << l << ", unit " << unit;
      EXPECT_NEAR(activity[l].unit_slopes[unit], expected[l].unit_slopes[unit],
                  static_cast<double>(uncertain[l]) + 1e-5 * static_cast<double>(rows))
          << "layer " << l << ", unit " << unit;
      EXPECT_LE(std::abs(activity[l].unit_negative[unit] - expected[l].unit_negative[unit]),
                uncertain_signs[l][unit])
          << "layer " << l << ", unit " << unit;
    }
    EXPECT_NEAR(activity[l].Sum(), expected[l].Sum(), 1e-5 * activations);
    EXPECT_NEAR(activity[l].sum_of_squares, expected[l].sum_of_squares,
                1e-5 * (activations + expected[l].sum_of_squares));
    EXPECT_NEAR(activity[l].SumOfSlopes(), expected[l].SumOfSlopes(),
                static_cast<double>(uncertain[l]) + 1e-5 * activations);
    EXPECT_EQ(activity[l].non_finite, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, EvaluatorTest,
    ::testing::Values(Case{"OneUnit", ActivationKind::kTanh, {1, 1, 1}, 1},
                      Case{"NoRows", ActivationKind::kTanh, {3, 4, 2}, 0},
                      Case{"OddWidths", ActivationKind::kSigmoid, {7, 13, 5, 3}, 65},
                      Case{"Tanh", ActivationKind::kTanh, {64, 50, 30, 10}, 63},
                      Case{"Relu", ActivationKind::kRelu, {64, 64, 48, 32, 10}, 64},
                      Case{"LeakyRelu", ActivationKind::kLeakyRelu, {64, 48, 32, 10}, 130},
                      Case{"Prelu", ActivationKind::kPrelu, {64, 48, 30, 10}, 100},
                      Case{"Elu", ActivationKind::kElu, {64, 64, 40, 10}, 100},
                      Case{"Gelu", ActivationKind::kGelu, {64, 64, 40, 10}, 100},
                      Case{"Softplus", ActivationKind::kSoftplus, {64, 33, 10}, 70},
                      Case{"HardSigmoid", ActivationKind::kHardSigmoid, {64, 33, 10}, 70},
                      Case{"Glu", ActivationKind::kGlu, {64, 64, 40, 10}, 100},
                      Case{"Identity", ActivationKind::kIdentity, {16, 17, 2}, 10},
                      Case{"SplitOverLanes", ActivationKind::kElu, {128, 96, 64, 10}, 1000},
                      Case{"SplitUnevenly", ActivationKind::kTanh, {128, 96, 64, 10}, 321}),
    [](const auto& shape) { return std::string(shape.param.name); });

}  // namespace
}  // namespace mlp
