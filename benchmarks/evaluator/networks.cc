#include "benchmarks/evaluator/networks.h"

#include <cmath>
#include <cstddef>
#include <random>
#include <utility>

#include "absl/strings/str_join.h"

namespace mlp {

Widths SmallNetwork() { return {64, 64, 32, 10}; }
Widths MiddleNetwork() { return {784, 512, 512, 10}; }
Widths DeepNetwork() { return {1024, 1024, 1024, 1024, 1024, 256}; }
Widths WideNetwork() { return {4096, 4096, 4096, 1000}; }

std::vector<Widths> BenchmarkNetworks() {
  return {SmallNetwork(), MiddleNetwork(), DeepNetwork(), WideNetwork()};
}

std::string NameOf(const Widths& widths) { return absl::StrJoin(widths, "-"); }

std::int64_t WeightsOf(const Widths& widths) {
  std::int64_t weights = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) weights += widths[i] * widths[i + 1];
  return weights;
}

std::shared_ptr<const Network> NetworkOf(const Widths& widths, ActivationKind hidden,
                                         ActivationKind last) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    Layer& layer = layers.emplace_back();
    layer.inputs = widths[i];
    layer.units = widths[i + 1];
    layer.dense().weights.resize(static_cast<std::size_t>(layer.inputs * layer.units));
    const float scale = 1.0F / std::sqrt(static_cast<float>(layer.inputs));
    for (float& weight : layer.dense().weights) weight = scale * normal(random);
    layer.dense().bias.resize(static_cast<std::size_t>(layer.units), 0.1F);
    layer.activation = DefaultActivation(i + 2 == widths.size() ? last : hidden);
  }
  const auto last_layer = static_cast<std::int64_t>(layers.size()) - 1;
  return std::make_shared<const Network>(
      Network::Create({"x", {widths.front()}}, std::move(layers),
                      {{{"y", {widths.back()}}, last_layer, Tap::kActivation}})
          .value());
}

std::vector<float> BenchmarkInputs(std::int64_t count) {
  std::vector<float> inputs(static_cast<std::size_t>(count));
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  for (float& input : inputs) input = normal(random);
  return inputs;
}

}  // namespace mlp
