#include "model/formats/native_layer_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/native_words.h"
#include "model/quote.h"

namespace mlp {
namespace {

// INVALID_ARGUMENT where a parameter is not given that frameworks have different defaults for, or
// that is trained.
absl::Status CheckGiven(const ActivationInfo& info, const NativeActivation& description,
                        const std::string& place) {
  std::vector<absl::string_view> needed;
  if (info.kind == ActivationKind::kLeakyRelu || info.kind == ActivationKind::kPrelu) {
    needed = {"alpha"};
  } else if (info.kind == ActivationKind::kHardSigmoid) {
    needed = {"alpha", "beta"};
  }
  for (const absl::string_view name : needed) {
    const bool given = std::any_of(description.parameters.begin(), description.parameters.end(),
                                   [&](const auto& parameter) { return parameter.first == name; });
    if (given) continue;
    return absl::InvalidArgumentError(absl::StrCat("'", place, "' has no parameter ", Quote(name),
                                                   "; ", info.name,
                                                   " needs it, as frameworks differ"));
  }
  return absl::OkStatus();
}

// What `sources` give where they are taken unit by unit, else side by side.
std::int64_t UnitsOf(const Layer& layer) {
  switch (layer.combination) {
    case Combination::kSum:
    case Combination::kProduct:
    case Combination::kMaximum:
    case Combination::kMinimum:
      return layer.sources.front().width;
    default:
      return layer.inputs;
  }
}

}  // namespace

absl::StatusOr<float> NativeFloat(absl::string_view place, double number) {
  if (std::fabs(number) <= static_cast<double>(std::numeric_limits<float>::max())) {
    return static_cast<float>(number);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place, " is ", number, "; expected a number that FP32 has"));
}

std::string NativeLayerReader::Place(absl::string_view key) const {
  return absl::StrCat("'/layers/", layers_.size(), "/", key, "'");
}

absl::StatusOr<Source> NativeLayerReader::ReadSource(std::size_t index,
                                                     const std::string& place) const {
  const NativeSource& description = Description().sources[index];
  const auto found = names_.find(description.name);
  if (found == names_.end()) {
    return absl::InvalidArgumentError(absl::StrCat(place, " names ", Quote(description.name),
                                                   ", which is no input and no layer"));
  }
  if (found->second >= static_cast<std::int64_t>(layers_.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, " names ", Quote(description.name),
                     ", which is not in front of it; expected layers in the order of their "
                     "evaluation"));
  }
  Source source;
  source.layer = found->second;
  source.tap = TapOf(description.tap);
  source.first = description.first;
  if (source.is_input() && source.tap == Tap::kPreActivation) {
    return absl::InvalidArgumentError(absl::StrCat(place, " is the pre_activation of ",
                                                   Quote(description.name), ", which is an input"));
  }
  const std::int64_t there =
      source.is_input() ? inputs_[static_cast<std::size_t>(source.input())].width()
                        : layers_[static_cast<std::size_t>(source.layer)].WidthAt(source.tap);
  source.width = description.width.value_or(there - source.first);
  if (source.width < 1 || source.first > there - source.width) {
    return absl::InvalidArgumentError(absl::StrCat(
        place, " reads ", description.width.has_value() ? absl::StrCat(source.width) : "all",
        " units of ", Quote(description.name), " from unit ", source.first, " on; there are ",
        there));
  }
  return source;
}

absl::Status NativeLayerReader::ReadSources(Layer& layer) const {
  const NativeLayer& description = Description();
  for (std::size_t i = 0; i < description.sources.size(); ++i) {
    const absl::StatusOr<Source> source = ReadSource(i, Place(absl::StrCat("sources/", i)));
    if (!source.ok()) return source.status();
    layer.sources.push_back(*source);
  }
  if (layer.sources.empty() && !layers_.empty()) {
    layer.sources.push_back(Source::OfLayer(static_cast<std::int64_t>(layers_.size()) - 1,
                                            Tap::kActivation, layers_.back().outputs()));
  } else if (layer.sources.empty() && inputs_.size() == 1) {
    layer.sources.push_back(Source::OfInput(0, inputs_[0].width()));
  } else if (layer.sources.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'/layers/0' has no 'sources'; there are ",
                                                   inputs_.size(), " inputs to choose from"));
  }
  for (const Source& source : layer.sources) layer.inputs += source.width;
  return absl::OkStatus();
}

absl::Status NativeLayerReader::ReadDense(Layer& layer) {
  const NativeLayer& description = Description();
  absl::StatusOr<NativeMatrix> weights = tensors_.TakeMatrix(
      Place("weights"), description.weights, /*transposed=*/description.layout == "out_in");
  if (!weights.ok()) return weights.status();
  // That of the sources may be another one, which Network::Create tells.
  layer.inputs = weights->rows;
  layer.units = weights->columns;
  layer.weights = std::move(weights->values);
  if (!description.bias.has_value()) {
    layer.bias.assign(static_cast<std::size_t>(layer.units), 0.0F);
    return absl::OkStatus();
  }
  auto bias = tensors_.TakeVector(Place("bias"), *description.bias, layer.units);
  if (!bias.ok()) return bias.status();
  layer.bias = *std::move(bias);
  return absl::OkStatus();
}

absl::Status NativeLayerReader::ReadAffine(Layer& layer) {
  struct Part {
    absl::string_view key;
    const std::optional<std::string>& name;
    std::vector<float>& values;
  };
  const NativeLayer& description = Description();
  const auto units = static_cast<std::size_t>(layer.units);
  layer.weights.assign(units, 1.0F);
  layer.bias.assign(units, 0.0F);
  for (const Part& part : {Part{"scale", description.scale, layer.weights},
                           Part{"shift", description.shift, layer.bias},
                           Part{"center", description.center, layer.center}}) {
    if (!part.name.has_value()) continue;
    auto values = tensors_.TakeVector(Place(part.key), *part.name, layer.units);
    if (!values.ok()) return values.status();
    part.values = *std::move(values);
  }
  return absl::OkStatus();
}

absl::Status NativeLayerReader::ReadImpute(Layer& layer) {
  const NativeLayer& description = Description();
  layer.missing = std::numeric_limits<float>::quiet_NaN();
  if (description.missing.has_value() && std::isinf(*description.missing)) {
    layer.missing = static_cast<float>(*description.missing);
  } else if (description.missing.has_value()) {
    const auto missing = NativeFloat(Place("missing"), *description.missing);
    if (!missing.ok()) return missing.status();
    layer.missing = *missing;
  }
  auto values = tensors_.TakeVector(Place("values"), description.values, layer.units);
  if (!values.ok()) return values.status();
  layer.bias = *std::move(values);
  return absl::OkStatus();
}

absl::Status NativeLayerReader::ReadQuantize(Layer& layer) const {
  struct Part {
    absl::string_view key;
    double number;
    float& value;
  };
  const NativeLayer& description = Description();
  Quantization& quantization = layer.quantization;
  for (const Part& part : {Part{"step", description.step, quantization.scale},
                           Part{"zero_point", description.zero_point, quantization.zero_point},
                           Part{"lowest", description.lowest, quantization.lowest},
                           Part{"highest", description.highest, quantization.highest}}) {
    const auto value = NativeFloat(Place(part.key), part.number);
    if (!value.ok()) return value.status();
    part.value = *value;
  }
  return absl::OkStatus();
}

absl::Status NativeLayerReader::ReadCombination(Layer& layer) {
  if (layer.combination == Combination::kDense) return ReadDense(layer);
  layer.units = UnitsOf(layer);
  // Before anything is made for each unit: such layers cost the file next to nothing.
  if (layer.units > Network::kMaxWidth || units_ + layer.units > Network::kMaxUnits) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'/layers/", layers_.size(), "' has ", layer.units, " units; expected at most ",
        Network::kMaxWidth, ", and ", Network::kMaxUnits, " in all layers together"));
  }
  switch (layer.combination) {
    case Combination::kAffine:
      return ReadAffine(layer);
    case Combination::kImpute:
      return ReadImpute(layer);
    case Combination::kQuantize:
      return ReadQuantize(layer);
    case Combination::kNormalize: {
      layer.norm = NormOf(Description().norm);
      const auto epsilon = NativeFloat(Place("epsilon"), Description().epsilon);
      if (epsilon.ok()) layer.epsilon = *epsilon;
      return epsilon.status();
    }
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<Activation> NativeLayerReader::ReadActivation(const NativeActivation& description,
                                                             const std::string& place,
                                                             std::int64_t units) {
  const auto info = FindActivation(description.name);
  if (!info.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("'", place, "': ", info.status().message()));
  }
  Activation activation = DefaultActivation((*info)->kind);
  const bool is_prelu = activation.kind == ActivationKind::kPrelu;
  const auto number_of = [&](const ActivationParameter* parameter) -> float& {
    if (is_prelu) return activation.unit_alpha[0];
    return activation.parameters[static_cast<std::size_t>(parameter - (*info)->parameters.data())];
  };
  for (const auto& [name, value] : description.parameters) {
    const std::string its_place = absl::StrCat("'", place, "/", name, "'");
    const auto* parameter = std::find_if(
        (*info)->parameters.begin(), (*info)->parameters.end(),
        [&, &key = name](const ActivationParameter& known) { return known.name == key; });
    if (is_prelu ? name != "alpha" : parameter == (*info)->parameters.end()) {
      return absl::InvalidArgumentError(absl::StrCat("'", place, "' has the parameter ",
                                                     Quote(name), ", which ", (*info)->name,
                                                     " does not have"));
    }
    if (std::holds_alternative<double>(value)) {
      const auto number = NativeFloat(its_place, std::get<double>(value));
      if (!number.ok()) return number.status();
      number_of(parameter) = *number;
      continue;
    }
    const std::string& text = std::get<std::string>(value);
    if (!is_prelu && (text == kInfinite || text == kMinusInfinite)) {
      const float infinity = std::numeric_limits<float>::infinity();
      number_of(parameter) = text == kInfinite ? infinity : -infinity;
      continue;
    }
    if (!is_prelu) {
      return absl::InvalidArgumentError(
          absl::StrCat(its_place, " is a tensor's name; expected a number, as only the alpha of ",
                       "prelu is one for each unit"));
    }
    auto alpha = tensors_.TakeVector(its_place, text, units);
    if (!alpha.ok()) return alpha.status();
    activation.unit_alpha = *std::move(alpha);
  }
  if (auto status = CheckGiven(**info, description, place); !status.ok()) return status;
  return activation;
}

absl::Status NativeLayerReader::ReadNext() {
  Layer layer;
  layer.combination = CombinationOf(Description().combination);
  if (auto status = ReadSources(layer); !status.ok()) return status;
  if (auto status = ReadCombination(layer); !status.ok()) return status;
  auto activation =
      ReadActivation(Description().activation,
                     absl::StrCat("/layers/", layers_.size(), "/activation"), layer.units);
  if (!activation.ok()) return activation.status();
  layer.activation = *std::move(activation);
  units_ += layer.units;
  layers_.push_back(std::move(layer));
  return absl::OkStatus();
}

}  // namespace mlp
