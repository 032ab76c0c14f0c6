#include "server/served_models/class_names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

bool AreIndices(const std::vector<std::int64_t>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

ClassNames TableOf(const NetworkOutput& labels) {
  if (!labels.string_labels.empty()) return {labels.string_labels, {}};
  if (AreIndices(labels.integer_labels)) return {};
  return {{}, labels.integer_labels};
}

bool SameSource(const Source& one, const Source& other) {
  return one.layer == other.layer && one.tap == other.tap && one.first == other.first &&
         one.width == other.width;
}

// Whether two layers are the same, or both concatenate the same values: an exporter of a binary
// classifier writes that once for the labels and once for the probabilities.
bool SameUnits(const Network& network, std::int64_t one, std::int64_t other) {
  if (one == other) return true;
  const Layer& first = network.layers()[static_cast<std::size_t>(one)];
  const Layer& second = network.layers()[static_cast<std::size_t>(other)];
  const auto is_wiring = [](const Layer& layer) {
    return layer.combination() == Combination::kConcat && !layer.is_proper();
  };
  return is_wiring(first) && is_wiring(second) &&
         std::equal(first.sources.begin(), first.sources.end(), second.sources.begin(),
                    second.sources.end(), SameSource);
}

}  // namespace

std::string ClassNames::NameOf(std::size_t unit) const {
  return strings.empty() ? absl::StrCat(integers[unit]) : strings[unit];
}

std::size_t ClassNames::LongestBytes() const {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < size(); ++i) longest = std::max(longest, NameOf(i).size());
  return longest;
}

ClassNames ClassNamesOf(const Network& network, const ModelSettings& settings, std::size_t output) {
  if (output < settings.labels.size() && !settings.labels[output].empty()) {
    return {settings.labels[output], {}};
  }
  const NetworkOutput& network_output = network.outputs()[output];
  if (network_output.kind == OutputKind::kLabel) return TableOf(network_output);
  if (network_output.kind != OutputKind::kValues) return {};
  ClassNames names;
  for (const NetworkOutput& candidate : network.outputs()) {
    if (candidate.kind != OutputKind::kLabel ||
        !SameUnits(network, candidate.layer, network_output.layer) ||
        network.WidthOf(candidate) != network.WidthOf(network_output)) {
      continue;
    }
    const ClassNames table = TableOf(candidate);
    if (!table.strings.empty()) return table;
    if (names.size() == 0) names = table;
  }
  return names;
}

}  // namespace mlp
