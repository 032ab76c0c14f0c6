#include "client/layer_table.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/text.h"

namespace mlp {
namespace {

std::string RangeText(const UnitRange& range) {
  return range.smallest == range.largest
             ? absl::StrFormat("%.4g", range.smallest)
             : absl::StrFormat("%.4g .. %.4g", range.smallest, range.largest);
}

std::string TailText(absl::string_view relation, const std::optional<UnitRange>& bound) {
  return bound.has_value() ? absl::StrCat("z ", relation, " ", RangeText(*bound)) : "-";
}

std::string ActivationText(const LayerDescription& layer) {
  std::string text = layer.activation;
  for (const auto& [name, range] : layer.activation_parameters) {
    absl::StrAppend(&text, ", ", name, " ", RangeText(range));
  }
  return text;
}

}  // namespace

std::vector<Table::Column> LayerColumns() {
  return {{"layer"},
          {"inputs", Alignment::kRight},
          {"units", Alignment::kRight},
          {"activation"},
          {"lower tail"},
          {"upper tail"},
          {"parameters", Alignment::kRight}};
}

std::vector<std::string> LayerCells(const LayerDescription& layer) {
  return {layer.name,
          FormatCount(layer.inputs),
          FormatCount(layer.units),
          ActivationText(layer),
          TailText("<=", layer.lower_tail),
          TailText(">=", layer.upper_tail),
          FormatCount(layer.parameters)};
}

}  // namespace mlp
