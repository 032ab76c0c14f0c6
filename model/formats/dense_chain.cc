#include "model/formats/dense_chain.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Files have one bias for each layer, or two. Without a limit a short file that adds one long
// constant over and over would keep the server busy for hours.
constexpr std::int64_t kMostBiases = 16;

absl::Status OneDimensionExpected(const Signal& signal) {
  return absl::UnimplementedError(absl::StrCat("a row has shape ", ShapeText(signal.row_shape),
                                               "; supported is one dimension, so flatten it"));
}

bool IsBiasShape(const std::vector<std::int64_t>& dimensions, std::int64_t units) {
  const bool leading_one = dimensions.size() < 2 || dimensions[0] == 1;
  const bool last_fits = dimensions.empty() || dimensions.back() == 1 || dimensions.back() == units;
  return dimensions.size() <= 2 && leading_one && last_fits;
}

}  // namespace

absl::Status DenseChain::CheckCurrent(const Signal& signal) const {
  if (signal.layer < 0 ||
      signal.biases == progress_[static_cast<std::size_t>(signal.layer)].biases) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError("a layer's result is used both before and after a bias is added");
}

absl::Status DenseChain::CheckOpen(const Signal& z, const char* operation) const {
  if (z.layer < 0 || z.tap != Tap::kPreActivation) {
    return absl::UnimplementedError(
        absl::StrCat(operation, " is supported only right behind a dense layer"));
  }
  const bool last = z.layer + 1 == static_cast<std::int64_t>(layers_.size());
  if (!last || progress_[static_cast<std::size_t>(z.layer)].activated) {
    return absl::UnimplementedError("the network branches; supported is one chain of dense layers");
  }
  return CheckCurrent(z);
}

absl::StatusOr<Signal> DenseChain::Multiply(const Signal& x, FloatTensor weights) {
  if (auto status = CheckCurrent(x); !status.ok()) return status;
  const bool before_activation = x.layer >= 0 && x.tap == Tap::kPreActivation &&
                                 progress_[static_cast<std::size_t>(x.layer)].activated;
  if (x.layer + 1 != static_cast<std::int64_t>(layers_.size()) || before_activation) {
    return absl::UnimplementedError("the network branches; supported is one chain of dense layers");
  }
  if (x.layer >= 0 && layers_.back().activation.kind == ActivationKind::kSoftmax) {
    return absl::UnimplementedError("softmax is supported only at the network's end");
  }
  if (weights.dimensions.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the weights have dimensions ", ShapeText(weights.dimensions), "; expected a matrix"));
  }
  if (x.row_shape.size() != 1) return OneDimensionExpected(x);
  if (weights.dimensions[0] != x.row_shape[0]) {
    return absl::InvalidArgumentError(absl::StrCat("the weights have dimensions ",
                                                   ShapeText(weights.dimensions), "; expected [",
                                                   x.row_shape[0], ",units]"));
  }
  const std::int64_t units = weights.dimensions[1];
  if (units < 1) return absl::InvalidArgumentError("the layer has no units; expected 1 or more");
  Layer layer;
  layer.inputs = weights.dimensions[0];
  layer.units = units;
  layer.weights = std::move(weights.values);
  layer.bias.assign(static_cast<std::size_t>(units), 0.0F);
  layers_.push_back(std::move(layer));
  progress_.emplace_back();
  return Signal{static_cast<std::int64_t>(layers_.size()) - 1, Tap::kPreActivation, 0, {units}};
}

absl::StatusOr<Signal> DenseChain::AddBias(const Signal& z, const FloatTensor& bias) {
  if (auto status = CheckOpen(z, "adding a constant"); !status.ok()) return status;
  Layer& layer = layers_.back();
  if (z.row_shape.size() != 1) return OneDimensionExpected(z);
  if (!IsBiasShape(bias.dimensions, layer.units)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the bias has dimensions ", ShapeText(bias.dimensions), "; expected [", layer.units, "]"));
  }
  if (progress_.back().biases == kMostBiases) {
    return absl::UnimplementedError(
        absl::StrCat("a layer has more than ", kMostBiases, " biases; supported are no more"));
  }
  for (std::size_t unit = 0; unit < layer.bias.size(); ++unit) {
    layer.bias[unit] += bias.values[bias.values.size() == 1 ? 0 : unit];
  }
  Signal sum = z;
  sum.biases = ++progress_.back().biases;
  return sum;
}

absl::StatusOr<Signal> DenseChain::Activate(const Signal& z, Activation activation) {
  const ActivationInfo& info = InfoOf(activation.kind);
  const std::string what = absl::StrCat("the activation ", info.name);
  if (auto status = CheckOpen(z, what.c_str()); !status.ok()) return status;
  Layer& layer = layers_.back();
  const auto alphas = static_cast<std::int64_t>(activation.alpha.size());
  if (z.row_shape.size() != 1 && (!info.elementwise || alphas > 1)) {
    return absl::UnimplementedError(
        absl::StrCat(what, " on rows of shape ", ShapeText(z.row_shape), " is not supported"));
  }
  if (alphas > 1 && alphas != layer.units) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", alphas, " slopes for ", layer.units, " units; expected 1 or ", layer.units));
  }
  layer.activation = std::move(activation);
  progress_.back().activated = true;
  Signal result = z;
  result.tap = Tap::kActivation;
  return result;
}

absl::StatusOr<Network> DenseChain::Finish(
    const std::vector<std::pair<std::string, Signal>>& outputs) && {
  std::vector<NetworkOutput> network_outputs;
  for (const auto& [name, signal] : outputs) {
    if (signal.layer < 0) {
      return absl::UnimplementedError(
          absl::StrCat("output ", Quote(name), " is the input itself; expected a layer's result"));
    }
    if (auto status = CheckCurrent(signal); !status.ok()) return status;
    network_outputs.push_back({TensorSpec{name, signal.row_shape}, signal.layer, signal.tap});
  }
  return Network::Create(std::move(input_), std::move(layers_), std::move(network_outputs));
}

}  // namespace mlp
