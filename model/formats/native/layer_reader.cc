#include "model/formats/native/layer_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/native/member_reader.h"
#include "model/formats/native/members.h"
#include "model/formats/native/words.h"
#include "model/quote.h"
#include "model/row_operation_checks.h"

namespace mlp {
namespace {

// INVALID_ARGUMENT if a parameter is missing that is trained or whose default differs between
// frameworks.
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
    return absl::InvalidArgumentError(
        absl::StrCat("'", place, "' has no parameter ", Quote(name), "; ", info.name,
                     " requires it, because frameworks have different defaults"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string NativeLayerReader::Place(absl::string_view key) const {
  return absl::StrCat("'/layers/", layers_.size(), "/", key, "'");
}

absl::StatusOr<Source> NativeLayerReader::ReadSource(std::size_t index,
                                                     const std::string& place) const {
  const NativeSource& description = Description().sources[index];
  const auto found = names_.find(description.name);
  if (found == names_.end()) {
    return absl::InvalidArgumentError(absl::StrCat(place, " names ", Quote(description.name),
                                                   ", which is neither an input nor a layer"));
  }
  if (found->second >= static_cast<std::int64_t>(layers_.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, " names ", Quote(description.name),
                     ", which does not precede it; expected layers in the order of evaluation"));
  }
  Source source;
  source.layer = found->second;
  source.tap = TapOf(description.tap);
  source.first = description.first;
  if (source.is_input() && source.tap == Tap::kPreActivation) {
    return absl::InvalidArgumentError(absl::StrCat(place, " is the pre_activation of ",
                                                   Quote(description.name), ", which is an input"));
  }
  const std::int64_t whole_width =
      source.is_input() ? inputs_[static_cast<std::size_t>(source.input())].width()
                        : layers_[static_cast<std::size_t>(source.layer)].WidthAt(source.tap);
  source.width = description.width.value_or(whole_width - source.first);
  if (source.width < 1 || source.first > whole_width - source.width) {
    return absl::InvalidArgumentError(absl::StrCat(
        place, " reads ", description.width.has_value() ? absl::StrCat(source.width) : "all",
        " units of ", Quote(description.name), " from unit ", source.first, " on, but it has ",
        whole_width));
  }
  return source;
}

absl::Status NativeLayerReader::ReadSources(Layer& layer) const {
  const NativeLayer& description = Description();
  if (InfoOf(layer.combination()).sources == SourceRule::kNone) return absl::OkStatus();
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
    return absl::InvalidArgumentError(
        absl::StrCat("'/layers/0' has no 'sources'; expected some, because there are ",
                     inputs_.size(), " inputs"));
  }
  for (const Source& source : layer.sources) layer.inputs += source.width;
  return absl::OkStatus();
}

// Layers without weights take almost no room in the file, so their units are limited here.
absl::Status NativeLayerReader::CheckUnits(const Layer& layer) const {
  if (layer.units <= Network::kMaxWidth && units_ + layer.units <= Network::kMaxUnits) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'/layers/", layers_.size(), "' has ", layer.units, " units; expected at most ",
                   Network::kMaxWidth, ", and ", Network::kMaxUnits, " in all layers together"));
}

absl::Status NativeLayerReader::ReadMembers(Layer& layer) {
  const CombinationInfo& info = InfoOf(layer.combination());
  const bool operates = info.sources == SourceRule::kOperands || info.sources == SourceRule::kNone;
  if (layer.combination() != Combination::kDense && !operates) {
    layer.units =
        info.sources == SourceRule::kUnitByUnit ? layer.sources.front().width : layer.inputs;
    // Checked before memory is allocated for each unit.
    if (auto status = CheckUnits(layer); !status.ok()) return status;
  }
  NativeMemberReader reader(Description(), absl::StrCat("/layers/", layers_.size()), tensors_);
  VisitMembers(reader, layer);
  if (!reader.status().ok() || !operates) return reader.status();
  layer.units = UnitsOfOperation(layer);
  if (layer.units < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'/layers/", layers_.size(), "' reads ", layer.sources.size(), " sources with ",
        layer.inputs, " units in total, which its ", info.name, " does not accept"));
  }
  return CheckUnits(layer);
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
    const std::string quoted_place = absl::StrCat("'", place, "/", name, "'");
    const auto* parameter = std::find_if(
        (*info)->parameters.begin(), (*info)->parameters.end(),
        [&, &key = name](const ActivationParameter& known) { return known.name == key; });
    if (is_prelu ? name != "alpha" : parameter == (*info)->parameters.end()) {
      return absl::InvalidArgumentError(absl::StrCat("'", place, "' has the parameter ",
                                                     Quote(name), ", which ", (*info)->name,
                                                     " does not have"));
    }
    if (std::holds_alternative<double>(value)) {
      const auto number = NativeFloat(quoted_place, std::get<double>(value));
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
          absl::StrCat(quoted_place,
                       " is a tensor's name; expected a number, because only the alpha of prelu "
                       "differs between units"));
    }
    auto alpha = tensors_.TakeVector(quoted_place, text, units);
    if (!alpha.ok()) return alpha.status();
    activation.unit_alpha = *std::move(alpha);
  }
  if (auto status = CheckGiven(**info, description, place); !status.ok()) return status;
  return activation;
}

absl::Status NativeLayerReader::ReadNext() {
  Layer layer;
  layer.operation = InfoOf(*FindCombination(Description().combination)).operation();
  if (auto status = ReadSources(layer); !status.ok()) return status;
  if (auto status = ReadMembers(layer); !status.ok()) return status;
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
