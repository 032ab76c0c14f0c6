#include "model/network.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network_checks.h"

namespace mlp {
namespace {

// Names the layers as network.h says.
void NameLayers(std::vector<Layer>& layers) {
  // Whether a proper layer follows, directly or through layers that are not proper.
  std::vector<bool> continued(layers.size(), false);
  int ends = 0;
  for (std::size_t i = layers.size(); i-- > 0;) {
    const bool passes_on = layers[i].is_proper() || continued[i];
    for (const Source& source : layers[i].sources) {
      if (!source.is_input() && passes_on) {
        continued[static_cast<std::size_t>(source.layer)] = true;
      }
    }
    if (layers[i].is_proper() && !continued[i]) ++ends;
  }
  int hidden = 0;
  int end = 0;
  std::vector<int> wiring(kCombinations);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Layer& layer = layers[i];
    if (!layer.is_proper()) {
      layer.name = absl::StrCat(NameOf(layer.combination()), "_",
                                ++wiring[static_cast<std::size_t>(layer.combination())]);
    } else if (continued[i]) {
      layer.name = absl::StrCat("hidden_", ++hidden);
    } else {
      layer.name = ends == 1 ? "output" : absl::StrCat("output_", ++end);
    }
  }
}

}  // namespace

std::int64_t TensorSpec::width() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) {
    // -1 rather than overflow: CheckWidth refuses it.
    if (dimension < 1 || dimension > Network::kMaxWidth) return -1;
    product *= dimension;
    if (product > Network::kMaxWidth) return -1;
  }
  return product;
}

bool Layer::is_proper() const {
  return combination() == Combination::kDense || activation.kind != ActivationKind::kIdentity;
}

bool Layer::has_activity() const { return is_proper() && InfoOf(activation.kind).elementwise; }

std::int64_t Layer::outputs() const { return units / InfoOf(activation.kind).units_per_output; }

std::int64_t Layer::parameter_count() const {
  // A dense layer's weights may have been released.
  const bool is_dense = combination() == Combination::kDense;
  const std::int64_t trained = is_dense
                                   ? inputs * units + static_cast<std::int64_t>(dense().bias.size())
                                   : ValuesHeldBy(operation).trained;
  return trained + static_cast<std::int64_t>(activation.unit_alpha.size());
}

absl::StatusOr<Network> Network::Create(std::vector<TensorSpec> inputs, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs, Vocabulary vocabulary) {
  NameLayers(layers);
  if (auto status = CheckNetwork(inputs, layers, outputs, vocabulary); !status.ok()) return status;
  return Network(std::move(inputs), std::move(layers), std::move(outputs), std::move(vocabulary));
}

absl::StatusOr<Network> Network::Create(TensorSpec input, std::vector<Layer> layers,
                                        std::vector<NetworkOutput> outputs) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].sources = {i == 0 ? Source::OfInput(0, input.width())
                                : Source::OfLayer(static_cast<std::int64_t>(i) - 1,
                                                  Tap::kActivation, layers[i - 1].outputs())};
  }
  return Create(std::vector<TensorSpec>{std::move(input)}, std::move(layers), std::move(outputs));
}

std::optional<std::size_t> Network::InputNamed(absl::string_view name) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Network::OutputNamed(absl::string_view name) const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].tensor.name == name) return i;
  }
  return std::nullopt;
}

std::int64_t Network::parameter_count() const {
  std::int64_t count = 0;
  for (const Layer& layer : layers_) count += layer.parameter_count();
  return count;
}

void Network::ReleaseWeights(std::size_t layer) {
  // Swaps with an empty vector, because clear() would keep the memory.
  std::vector<float>().swap(layers_[layer].dense().weights);
}

Network::Network(std::vector<TensorSpec> inputs, std::vector<Layer> layers,
                 std::vector<NetworkOutput> outputs, Vocabulary vocabulary)
    : inputs_(std::move(inputs)),
      layers_(std::move(layers)),
      outputs_(std::move(outputs)),
      vocabulary_(std::move(vocabulary)) {}

}  // namespace mlp
