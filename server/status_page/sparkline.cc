#include "server/status_page/sparkline.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/status_page/figures.h"

namespace mlp {
namespace {

constexpr double kSparkHeight = 24.0;
constexpr double kSparkTop = 2.0;  // room for half the line's width

double HeightOf(double value, double greatest) {
  return kSparkHeight - 1.0 -
         (kSparkHeight - 1.0 - kSparkTop) * std::clamp(value / greatest, 0.0, 1.0);
}

// Draws the known minutes; an isolated one is a short line. With `area`, closed along the lower
// edge.
std::string SparkPath(const MinuteSeries& series, double greatest, bool area) {
  std::string path;
  for (std::size_t i = 0; i < series.size();) {
    if (std::isnan(series[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    std::string line;
    for (; i < series.size() && !std::isnan(series[i]); ++i) {
      absl::StrAppendFormat(&line, "%s%d %.1f", i == begin ? "" : "L", i,
                            HeightOf(series[i], greatest));
    }
    if (i == begin + 1) absl::StrAppend(&line, "h.8");
    if (area) {
      absl::StrAppendFormat(&path, "M%d %.0fL%sV%.0fZ", begin, kSparkHeight, line, kSparkHeight);
    } else {
      absl::StrAppend(&path, "M", line);
    }
  }
  return path;
}

}  // namespace

std::string SparklineSvg(const Sparkline& line) {
  const SeriesRange range = RangeOf(line.series);
  const std::string values =
      range.known ? absl::StrCat("from ", line.text(range.least), " to ", line.text(range.greatest))
                  : "nothing known";
  // Unknown minutes show as dots.
  std::string svg = absl::StrFormat(
      "<svg class=\"spark\" viewBox=\"0 0 60 %.0f\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"%s over the last hour: %s\"><path class=\"none\" d=\"M0 %.0fH60\"/>",
      kSparkHeight, line.what, values, kSparkHeight - 1);
  if (!range.known) return svg + "</svg>";
  double greatest = range.greatest;
  if (!std::isnan(line.threshold)) greatest = std::max(greatest, 1.25 * line.threshold);
  if (!(greatest > 0.0) || std::isinf(greatest)) greatest = 1.0;
  absl::StrAppend(&svg, "<path class=\"area\" d=\"", SparkPath(line.series, greatest, true),
                  "\"/>");
  if (line.fainter != nullptr) {
    absl::StrAppend(&svg, "<path class=\"fainter\" d=\"", SparkPath(*line.fainter, greatest, false),
                    "\"/>");
  }
  if (!std::isnan(line.threshold)) {
    absl::StrAppendFormat(&svg, "<path class=\"limit\" d=\"M0 %.1fH60\"/>",
                          HeightOf(line.threshold, greatest));
  }
  absl::StrAppend(&svg, "<path class=\"line\" d=\"", SparkPath(line.series, greatest, false),
                  "\"/></svg>");
  return svg;
}

}  // namespace mlp
