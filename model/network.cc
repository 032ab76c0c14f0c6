#include "model/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::Status CheckWidth(absl::string_view what, std::int64_t width) {
  if (width >= 1 && width <= Network::kMaxWidth) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is ", width, " wide; expected 1 to ", Network::kMaxWidth));
}

// `values` must be `count` finite numbers.
absl::Status CheckValues(absl::string_view what, const std::vector<float>& values,
                         std::int64_t count) {
  if (static_cast<std::int64_t>(values.size()) != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " hold ", values.size(), " values; expected ", count));
  }
  const auto broken =
      std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  if (broken == values.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " hold ", *broken, " at position ",
                                                 broken - values.begin(),
                                                 "; expected finite numbers"));
}

absl::Status CheckLayer(const DenseLayer& layer, std::int64_t inputs, bool last) {
  const std::string what = absl::StrCat("layer '", layer.name, "'");
  if (layer.inputs != inputs) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " takes ", layer.inputs, " inputs, but ", inputs, " come in"));
  }
  if (auto status = CheckWidth(what, layer.units); !status.ok()) return status;
  if (auto status = CheckValues(absl::StrCat("the weights of ", what), layer.weights,
                                layer.inputs * layer.units);
      !status.ok()) {
    return status;
  }
  if (auto status = CheckValues(absl::StrCat("the biases of ", what), layer.bias, layer.units);
      !status.ok()) {
    return status;
  }
  const ActivationInfo& activation = InfoOf(layer.activation.kind);
  if (!last && !activation.elementwise && activation.units_per_output == 1) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has activation ", activation.name,
                                                   ", which only the last layer can have"));
  }
  if (auto status = CheckActivation(layer.activation, layer.units); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the activation of ", what, ": ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

std::int64_t TensorSpec::width() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) {
    // Caps instead of overflowing: any width beyond the limit is refused all the same.
    if (dimension < 1 || dimension > Network::kMaxWidth) return -1;
    product *= dimension;
    if (product > Network::kMaxWidth) return -1;
  }
  return product;
}

absl::StatusOr<Network> Network::Create(TensorSpec input, std::vector<DenseLayer> layers,
                                        std::vector<NetworkOutput> outputs) {
  if (layers.empty()) return absl::InvalidArgumentError("the network has no dense layer");
  if (outputs.empty()) return absl::InvalidArgumentError("the network has no output");
  if (auto status = CheckWidth(absl::StrCat("input ", Quote(input.name)), input.width());
      !status.ok()) {
    return status;
  }

  std::int64_t inputs = input.width();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool last = i + 1 == layers.size();
    layers[i].name = last ? "output" : absl::StrCat("hidden_", i + 1);
    if (auto status = CheckLayer(layers[i], inputs, last); !status.ok()) return status;
    inputs = layers[i].outputs();
  }

  absl::flat_hash_set<absl::string_view> names;
  if (input.name.empty()) return absl::InvalidArgumentError("the input has no name");
  for (const NetworkOutput& output : outputs) {
    const TensorSpec& tensor = output.tensor;
    if (tensor.name.empty() || !names.insert(tensor.name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("output name ", Quote(tensor.name), " is empty or stands twice"));
    }
    if (output.layer < 0 || output.layer >= static_cast<std::int64_t>(layers.size())) {
      return absl::InvalidArgumentError(absl::StrCat("output ", Quote(tensor.name),
                                                     " leaves layer ", output.layer, "; there are ",
                                                     layers.size()));
    }
    const DenseLayer& layer = layers[static_cast<std::size_t>(output.layer)];
    const std::int64_t width = output.tap == Tap::kActivation ? layer.outputs() : layer.units;
    if (tensor.width() != width) {
      return absl::InvalidArgumentError(absl::StrCat("output ", Quote(tensor.name), " is ",
                                                     tensor.width(), " wide, but layer '",
                                                     layer.name, "' has ", width, " units"));
    }
  }
  return Network(std::move(input), std::move(layers), std::move(outputs));
}

std::int64_t DenseLayer::outputs() const {
  return units / InfoOf(activation.kind).units_per_output;
}

std::int64_t DenseLayer::parameter_count() const {
  return static_cast<std::int64_t>(weights.size() + bias.size() + activation.unit_alpha.size());
}

std::int64_t Network::parameter_count() const {
  std::int64_t count = 0;
  for (const DenseLayer& layer : layers_) count += layer.parameter_count();
  return count;
}

Network::Network(TensorSpec input, std::vector<DenseLayer> layers,
                 std::vector<NetworkOutput> outputs)
    : input_(std::move(input)), layers_(std::move(layers)), outputs_(std::move(outputs)) {}

}  // namespace mlp
