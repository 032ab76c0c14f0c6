// Measures the evaluator's memory: what it reports is what it takes, the unpacked weights are
// freed, and once warm it allocates nothing.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "tests/allocation_counter.h"
#include "tests/model/every_operation.h"

namespace mlp {
namespace {

Layer DenseLayerOf(std::int64_t inputs, std::int64_t units, ActivationKind kind,
                   std::mt19937& random) {
  std::normal_distribution<float> normal;
  Layer layer;
  layer.inputs = inputs;
  layer.units = units;
  layer.dense().weights.resize(static_cast<std::size_t>(inputs * units));
  for (float& weight : layer.dense().weights) weight = 0.1F * normal(random);
  layer.dense().bias.resize(static_cast<std::size_t>(units), 0.5F);
  layer.activation = DefaultActivation(kind);
  if (kind == ActivationKind::kPrelu) {
    layer.activation.unit_alpha.resize(static_cast<std::size_t>(units), 0.25F);
  }
  return layer;
}

// A chain of dense layers, 100-300-200-10.
Network Chain() {
  std::mt19937 random(3);
  std::vector<Layer> layers;
  layers.push_back(DenseLayerOf(100, 300, ActivationKind::kTanh, random));
  layers.push_back(DenseLayerOf(300, 200, ActivationKind::kPrelu, random));
  layers.push_back(DenseLayerOf(200, 10, ActivationKind::kSoftmax, random));
  return Network::Create({"x", {100}}, std::move(layers),
                         {{{"logits", {10}}, 2, Tap::kPreActivation},
                          {{"probabilities", {10}}, 2, Tap::kActivation}})
      .value();
}

// 1024-1100-10. The first layer has enough units to be split over threads even for one row.
Network Wide() {
  std::mt19937 random(9);
  std::vector<Layer> layers;
  layers.push_back(DenseLayerOf(1024, 1100, ActivationKind::kRelu, random));
  layers.push_back(DenseLayerOf(1100, 10, ActivationKind::kIdentity, random));
  return Network::Create({"x", {1024}}, std::move(layers), {{{"y", {10}}, 1, Tap::kActivation}})
      .value();
}

// A scaled input, a dense layer that reads it together with the input itself, and their sum with a
// third.
Network Graph() {
  std::mt19937 random(5);
  std::vector<Layer> layers(4);
  layers[0].inputs = layers[0].units = 50;
  layers[0].operation = Affine{{}, std::vector<float>(50, 2.0F), std::vector<float>(50, 1.0F)};
  layers[0].sources = {Source::OfInput(0, 50)};
  layers[1] = DenseLayerOf(100, 130, ActivationKind::kRelu, random);
  layers[1].sources = {Source::OfInput(0, 50), Source::OfLayer(0, Tap::kActivation, 50)};
  layers[2] = DenseLayerOf(50, 130, ActivationKind::kGelu, random);
  layers[2].sources = {Source::OfLayer(0, Tap::kActivation, 50)};
  layers[3].inputs = 260;
  layers[3].units = 130;
  layers[3].operation = Sum();
  layers[3].activation = DefaultActivation(ActivationKind::kElu);
  layers[3].sources = {Source::OfLayer(1, Tap::kActivation, 130),
                       Source::OfLayer(2, Tap::kPreActivation, 130)};
  NetworkOutput output;
  output.tensor = {"y", {130}};
  output.layer = 3;
  return Network::Create(std::vector<TensorSpec>{{"x", {50}}}, std::move(layers), {output}).value();
}

struct MemoryCase {
  const char* name;
  Network (*network)();
};

void PrintTo(const MemoryCase& memory, std::ostream* out) { *out << memory.name; }

class EvaluatorMemoryTest : public ::testing::TestWithParam<MemoryCase> {};

TEST_P(EvaluatorMemoryTest, IsNotAllocatedAfterTheWarmUp) {
  for (const InstructionSet instruction_set : SupportedInstructionSets()) {
    for (const int threads : {1, 4}) {
      tbb::task_arena arena(threads);
      const Evaluator evaluator(GetParam().network(), 0.01, arena, instruction_set);
      Evaluator::Workspace workspace = evaluator.MakeWorkspace();
      NetworkActivity activity = MakeNetworkActivity(evaluator.network());
      constexpr std::int64_t kMaxRows = 1000;
      std::int64_t widest = 0;
      for (const TensorSpec& input : evaluator.network().inputs()) {
        widest = std::max(widest, input.width());
      }
      const std::vector<float> x(static_cast<std::size_t>(kMaxRows * widest), 0.5F);
      const std::vector<const float*> inputs(evaluator.network().inputs().size(), x.data());
      std::vector<std::vector<float>> outputs;
      std::vector<float*> pointers;
      for (const NetworkOutput& output : evaluator.network().outputs()) {
        const std::int64_t width = evaluator.network().WidthOf(output);
        pointers.push_back(outputs.emplace_back(static_cast<std::size_t>(kMaxRows * width)).data());
      }
      evaluator.Evaluate(kMaxRows, inputs, pointers, workspace, activity);

      const AllocationCounter counter;
      for (int round = 0; round < 3; ++round) {
        for (const std::int64_t rows : {1L, 3L, 64L, 65L, 333L, kMaxRows}) {
          evaluator.Evaluate(rows, inputs, pointers, workspace, activity);
          ResetNetworkActivity(activity);
        }
      }
      EXPECT_EQ(counter.Read().count, 0) << NameOf(instruction_set) << ", " << threads;
    }
  }
}

TEST_P(EvaluatorMemoryTest, EqualsTheAllocationsOfAWorkspace) {
  for (const int threads : {1, 3}) {
    tbb::task_arena arena(threads);
    const Evaluator evaluator(GetParam().network(), 0.01, arena);
    const AllocationCounter counter;
    const Evaluator::Workspace workspace = evaluator.MakeWorkspace();
    EXPECT_EQ(counter.Read().bytes, evaluator.workspace_bytes());
  }
}

// Bytes of the values and alphas of layers that are not dense. They stay in the network.
std::int64_t BytesBesideDense(const Network& network) {
  std::int64_t floats = 0;
  for (const Layer& layer : network.layers()) {
    if (layer.combination() == Combination::kDense) continue;
    floats += static_cast<std::int64_t>(layer.activation.unit_alpha.size());
    if (const auto* affine = std::get_if<Affine>(&layer.operation)) {
      floats += static_cast<std::int64_t>(affine->center.size() + affine->scale.size() +
                                          affine->shift.size());
    }
    if (const auto* constant = std::get_if<Constant>(&layer.operation)) {
      floats += static_cast<std::int64_t>(constant->values.size());
    }
    if (const auto* lookup = std::get_if<Lookup>(&layer.operation)) {
      floats += static_cast<std::int64_t>(lookup->keys.size() + lookup->table.size() +
                                          lookup->default_row.size());
    }
    // Positions take four bytes too.
    if (const auto* selection = std::get_if<Selection>(&layer.operation)) {
      floats += static_cast<std::int64_t>(selection->units.size());
    }
  }
  return floats * static_cast<std::int64_t>(sizeof(float));
}

TEST_P(EvaluatorMemoryTest, EqualsTheAllocationsOfThePackedWeights) {
  for (const InstructionSet instruction_set : SupportedInstructionSets()) {
    for (const WeightStorage storage :
         {WeightStorage::kFloat32, WeightStorage::kBfloat16, WeightStorage::kInt8}) {
      Network network = GetParam().network();
      const std::int64_t beside = BytesBesideDense(network);
      tbb::task_arena arena(1);
      const AllocationCounter counter;
      const Evaluator evaluator(std::move(network), 0.01, arena, instruction_set, storage);
      // Only packed values are allocated with an alignment.
      EXPECT_EQ(counter.Read().aligned_bytes + beside, evaluator.weight_bytes())
          << NameOf(instruction_set) << ", " << NameOf(storage);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EvaluatorMemoryTest,
                         ::testing::Values(MemoryCase{"Chain", Chain}, MemoryCase{"Wide", Wide},
                                           MemoryCase{"Graph", Graph},
                                           MemoryCase{"Operations", NetworkOfEveryOperation}),
                         [](const auto& param) { return std::string(param.param.name); });

// Only small layers: large ones are in huge pages, whose alignment adds up to a huge page.
TEST(EvaluatorPeakMemoryTest, DoesNotHoldTheWeightsTwice) {
  for (Network (*make)() : {Chain, Graph}) {
    Network network = make();
    std::int64_t largest_layer = 0;
    for (const Layer& layer : network.layers()) {
      if (layer.combination() != Combination::kDense) continue;
      largest_layer =
          std::max(largest_layer, static_cast<std::int64_t>(layer.dense().weights.size()));
    }
    const std::int64_t parameters = network.parameter_count();
    tbb::task_arena arena(1);
    const AllocationCounter counter;
    const Evaluator evaluator(std::move(network), 0.01, arena);
    for (const Layer& layer : evaluator.network().layers()) {
      if (layer.combination() != Combination::kDense) continue;
      EXPECT_EQ(layer.dense().weights.capacity(), 0U) << layer.name;
    }
    EXPECT_EQ(evaluator.network().parameter_count(), parameters);
    // While a layer is packed, it is in memory in both forms. The other layers are there in one.
    // The rest is for bounds and small objects.
    const std::int64_t padding = evaluator.weight_bytes() - parameters * 4;
    EXPECT_LE(counter.Read().most_bytes, largest_layer * 4 + padding + 20'000);
  }
}

}  // namespace
}  // namespace mlp
