#include "model/input_ranges.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace mlp {
namespace {

constexpr std::int64_t kOfNoInput = -1;

// Where a value comes from: a unit of an input, or none.
using Origin = std::pair<std::int64_t, std::int64_t>;

std::vector<Origin> OriginsOf(const Layer& layer, const std::vector<std::vector<Origin>>& known) {
  std::vector<Origin> origins;
  for (const Source& source : layer.sources) {
    for (std::int64_t unit = source.first; unit < source.first + source.width; ++unit) {
      if (source.is_input()) {
        origins.emplace_back(source.input(), unit);
        continue;
      }
      const std::vector<Origin>& of_layer = known[static_cast<std::size_t>(source.layer)];
      origins.push_back(of_layer.empty() ? Origin(kOfNoInput, 0)
                                         : of_layer[static_cast<std::size_t>(unit)]);
    }
  }
  return origins;
}

}  // namespace

std::vector<InputRange> InputRanges(const Network& network) {
  std::map<Origin, InputRange> ranges;
  std::vector<std::vector<Origin>> known;
  const bool any_lookup =
      std::any_of(network.layers().begin(), network.layers().end(),
                  [](const Layer& layer) { return layer.combination == Combination::kLookup; });
  if (!any_lookup) return {};
  for (const Layer& layer : network.layers()) {
    std::vector<Origin>& its = known.emplace_back();
    const bool passes_on =
        layer.activation.kind == ActivationKind::kIdentity &&
        (layer.combination == Combination::kConcat || layer.combination == Combination::kSelect);
    const auto* lookup = std::get_if<Lookup>(&layer.operation);
    const bool checks = lookup != nullptr && lookup->keys.empty() && lookup->otherwise.empty();
    if (!passes_on && !checks) continue;
    std::vector<Origin> origins = OriginsOf(layer, known);
    if (layer.combination == Combination::kConcat) its = std::move(origins);
    if (layer.combination == Combination::kSelect) {
      for (const std::int32_t unit : std::get<Selection>(layer.operation).units) {
        its.push_back(origins[static_cast<std::size_t>(unit)]);
      }
    }
    if (!checks) continue;
    const auto entries = static_cast<double>(lookup->entries());
    for (const Origin& origin : origins) {
      if (origin.first == kOfNoInput) continue;
      const auto [place, added] = ranges.try_emplace(
          origin, InputRange{origin.first, origin.second, -entries, entries - 1});
      if (added) continue;
      place->second.lowest = std::max(place->second.lowest, -entries);
      place->second.highest = std::min(place->second.highest, entries - 1);
    }
  }
  std::vector<InputRange> result;
  for (const auto& [origin, range] : ranges) result.push_back(range);
  return result;
}

}  // namespace mlp
