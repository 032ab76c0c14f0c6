#include "client/baseline_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

std::string SourceText(const BaselineFile& baseline) {
  return absl::StrCat(baseline.source == "live_traffic" ? "live traffic" : baseline.source, ", ",
                      absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(baseline.created),
                                       absl::UTCTimeZone()),
                      " UTC");
}

std::string LevelText(const BaselineLayer& layer) {
  if (layer.components == 0) return "-";
  return absl::StrCat(absl::StrFormat("%.4g", layer.level), layer.accepted ? " (accepted)" : "");
}

std::vector<std::string> LayerCells(const BaselineLayer& layer) {
  std::vector<std::string> cells = {
      layer.name, layer.components == 0 ? "-" : FormatCount(layer.components), LevelText(layer)};
  if (!layer.has_reference) {
    cells.insert(cells.end(), 5, "-");
    return cells;
  }
  for (const double share : {layer.lower_share, layer.upper_share}) {
    cells.push_back(absl::StrFormat("%.3g %%", 100.0 * share));
  }
  for (const double value : {layer.dead_units, layer.mean, layer.gradient_gain}) {
    cells.push_back(absl::StrFormat("%.3g", value));
  }
  return cells;
}

}  // namespace

std::string BaselineText(const BaselineFile& baseline) {
  std::string text;
  const auto add = [&](absl::string_view title, const std::string& value) {
    absl::StrAppend(&text, PadRight(title, 10), Printable(value), "\n");
  };
  if (!baseline.model.empty()) {
    add("model", absl::StrCat(baseline.model, baseline.version.empty() ? "" : " version ",
                              baseline.version));
  }
  add("source", SourceText(baseline));
  add("rows", FormatCount(baseline.rows));
  if (baseline.windows > 0)
    add("windows", absl::StrCat(FormatCount(baseline.windows), " accepted"));
  Table table({{"layer"},
               {"components", Alignment::kRight},
               {"level", Alignment::kRight},
               {"lower tail", Alignment::kRight},
               {"upper tail", Alignment::kRight},
               {"dead units", Alignment::kRight},
               {"mean", Alignment::kRight},
               {"gain", Alignment::kRight}});
  for (const BaselineLayer& layer : baseline.layers) table.AddRow(LayerCells(layer));
  return absl::StrCat(text, "\n", table.ToString());
}

}  // namespace mlp
