#include "model/input_ranges.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <variant>

namespace mlp {
namespace {

constexpr std::int64_t kOfNoInput = -1;

// Where a value comes from: a unit of an input, or none.
struct Origin {
  std::int64_t input = kOfNoInput;
  std::int64_t unit = 0;
  bool truncated = false;  // whether a layer on the way truncated it

  bool operator<(const Origin& other) const {
    return std::pair(input, unit) < std::pair(other.input, other.unit);
  }
};

using Origins = std::vector<Origin>;

Origins OriginsOf(const Layer& layer, const std::vector<Origins>& known) {
  Origins origins;
  for (const Source& source : layer.sources) {
    for (std::int64_t unit = source.first; unit < source.first + source.width; ++unit) {
      if (source.is_input()) {
        origins.push_back({source.input(), unit});
        continue;
      }
      const Origins& of_layer = known[static_cast<std::size_t>(source.layer)];
      origins.push_back(of_layer.empty() ? Origin() : of_layer[static_cast<std::size_t>(unit)]);
    }
  }
  return origins;
}

bool MakesIntegers(const Layer& layer) {
  const auto* function = std::get_if<UnitFunction>(&layer.operation);
  // Only the widest integer types: narrow ones wrap around.
  return function != nullptr && function->function != nullptr &&
         function->function->name == "ToInteger" && function->parameters[1] > 1e9;
}

// Whether the layer's outputs are its inputs, in some order.
bool PassesOn(const Layer& layer) {
  return layer.activation.kind == ActivationKind::kIdentity &&
         (layer.combination() == Combination::kConcat ||
          layer.combination() == Combination::kSelect || MakesIntegers(layer));
}

Origins PassedOn(const Layer& layer, Origins origins) {
  if (const auto* selection = std::get_if<Selection>(&layer.operation)) {
    Origins selected;
    for (const std::int32_t unit : selection->units) {
      selected.push_back(origins[static_cast<std::size_t>(unit)]);
    }
    return selected;
  }
  if (layer.combination() == Combination::kFunction) {
    for (Origin& origin : origins) origin.truncated = true;
  }
  return origins;
}

class RangeCollector final {
 public:
  void Add(const Lookup& lookup, const Origins& origins) {
    for (const Origin& origin : origins) {
      if (origin.input == kOfNoInput) continue;
      InputRange range{origin.input, origin.unit};
      if (!lookup.keys.empty()) {
        range.keys = &lookup.keys;
        range.truncates = origin.truncated;
        by_key_.try_emplace({origin, range.keys}, range);
        continue;
      }
      const auto entries = static_cast<double>(lookup.entries());
      range.lowest = -entries;
      range.highest = entries - 1;
      const auto [place, added] = by_position_.try_emplace(origin, range);
      if (added) continue;
      place->second.lowest = std::max(place->second.lowest, range.lowest);
      place->second.highest = std::min(place->second.highest, range.highest);
    }
  }

  std::vector<InputRange> Take() const {
    std::vector<InputRange> ranges;
    for (const auto& [origin, range] : by_position_) ranges.push_back(range);
    for (const auto& [place, range] : by_key_) ranges.push_back(range);
    std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
      return std::pair(a.input, a.unit) < std::pair(b.input, b.unit);
    });
    return ranges;
  }

 private:
  std::map<Origin, InputRange> by_position_;
  // One range for each unit and table, however often a selection repeats the unit.
  std::map<std::pair<Origin, const std::vector<float>*>, InputRange> by_key_;
};

}  // namespace

bool InputRange::Contains(float value) const {
  const float whole = truncates ? std::trunc(value) : value;
  if (keys == nullptr) return whole >= lowest && whole <= highest;
  const bool has_nan = !keys->empty() && std::isnan(keys->back());
  if (std::isnan(whole)) return has_nan;
  return std::binary_search(keys->begin(), keys->end() - (has_nan ? 1 : 0), whole);
}

std::vector<InputRange> InputRanges(const Network& network) {
  RangeCollector ranges;
  std::vector<Origins> known;
  const bool any_lookup =
      std::any_of(network.layers().begin(), network.layers().end(),
                  [](const Layer& layer) { return layer.combination() == Combination::kLookup; });
  if (!any_lookup) return {};
  for (const Layer& layer : network.layers()) {
    Origins origins;
    const auto* lookup = std::get_if<Lookup>(&layer.operation);
    const bool checks = lookup != nullptr && lookup->default_row.empty();
    if (checks) ranges.Add(*lookup, OriginsOf(layer, known));
    if (PassesOn(layer)) origins = PassedOn(layer, OriginsOf(layer, known));
    known.push_back(std::move(origins));
  }
  return ranges.Take();
}

}  // namespace mlp
