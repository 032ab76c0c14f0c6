#include "server/status_page/strip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/status_page/figures.h"
#include "server/status_page/time_axis.h"

namespace mlp {
namespace {

// Differences of shares (0.02 is two percentage points) and drift ratios that start each step.
constexpr std::array<double, 5> kShareSteps = {0.02, 0.05, 0.1, 0.2, 0.4};
constexpr std::array<double, 5> kRatioSteps = {1.0, 1.5, 2.5, 4.0, 7.0};

int StepsBelow(const std::array<double, 5>& steps, double value) {
  return static_cast<int>(
      std::count_if(steps.begin(), steps.end(), [=](double step) { return value >= step; }));
}

int DistanceOf(const Strip& strip, double value) {
  if (strip.kind == StripKind::kRatio) return RatioStep(value);
  return std::isnan(strip.reference) ? ShareSizeStep(value) : ShareStep(value, strip.reference);
}

// u: above the reference, d: below it, n: there is none.
char ColourOf(const Strip& strip, int distance) {
  if (strip.kind == StripKind::kShare && std::isnan(strip.reference)) return 'n';
  return distance < 0 ? 'd' : 'u';
}

std::string ValueText(const Strip& strip, double value) {
  return strip.kind == StripKind::kRatio ? RatioText(value) : ShareText(value);
}

// A cell for the minutes [begin, end), which are all at `distance`.
std::string CellOf(const Status& status, const Strip& strip, std::size_t begin, std::size_t end,
                   int distance) {
  const auto minutes = [&](std::size_t i) { return static_cast<double>(i); };
  const double height = strip.height * (0.25 + 0.15 * std::abs(distance));
  const auto [least, greatest] =
      std::minmax_element(strip.series.begin() + static_cast<std::ptrdiff_t>(begin),
                          strip.series.begin() + static_cast<std::ptrdiff_t>(end));
  std::string when = ClockText(MinuteTime(status, static_cast<std::int64_t>(begin)));
  if (end > begin + 1) {
    absl::StrAppend(&when, "–", ClockText(MinuteTime(status, static_cast<std::int64_t>(end) - 1)));
  }
  std::string values = ValueText(strip, *least);
  if (ValueText(strip, *greatest) != values) {
    absl::StrAppend(&values, " to ", ValueText(strip, *greatest));
  }
  // A value below its reference hangs from the top.
  return absl::StrFormat(
      "<rect class=\"%c%d\" x=\"%s\" y=\"%.3g\" width=\"%s\" height=\"%.3g\"><title>%s: "
      "%s</title></rect>",
      ColourOf(strip, distance), std::abs(distance), AcrossMinutes(minutes(begin)),
      distance < 0 ? 0.0 : strip.height - height, AcrossMinutes(minutes(end) - minutes(begin)),
      height, when, values);
}

}  // namespace

int ShareStep(double share, double reference) {
  const int steps = StepsBelow(kShareSteps, std::fabs(share - reference));
  return share < reference ? -steps : steps;
}

int RatioStep(double ratio) { return StepsBelow(kRatioSteps, ratio); }

int ShareSizeStep(double share) { return StepsBelow(kShareSteps, share); }

std::string StripSvg(const Status& status, const StatusModel& model, const Strip& strip) {
  const SeriesRange range = RangeOf(strip.series);
  std::string label = absl::StrCat(strip.what, " over the last hour: ");
  if (!range.known) {
    absl::StrAppend(&label, "nothing known");
  } else {
    absl::StrAppend(&label, "from ", ValueText(strip, range.least), " to ",
                    ValueText(strip, range.greatest), ", highest at ",
                    ClockText(MinuteTime(status, static_cast<std::int64_t>(range.greatest_at))));
    if (!std::isnan(strip.reference)) {
      absl::StrAppend(&label, "; reference ", ShareText(strip.reference));
    }
  }
  std::string svg = absl::StrFormat(
      "<svg class=\"strip\" height=\"%d\" role=\"img\" aria-label=\"%s\">"
      "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>",
      strip.height, label);
  for (std::size_t begin = 0; begin < strip.series.size();) {
    if (std::isnan(strip.series[begin])) {
      ++begin;
      continue;
    }
    const int distance = DistanceOf(strip, strip.series[begin]);
    std::size_t end = begin + 1;
    while (end < strip.series.size() && !std::isnan(strip.series[end]) &&
           DistanceOf(strip, strip.series[end]) == distance) {
      ++end;
    }
    absl::StrAppend(&svg, CellOf(status, strip, begin, end, distance));
    begin = end;
  }
  for (const StatusMark& mark : ShownMarks(model)) {
    const std::string x = AcrossMinutes(static_cast<double>(mark.minute));
    absl::StrAppend(&svg, "<line class=\"mark\" x1=\"", x, "\" x2=\"", x, "\" y2=\"100%\"/>");
  }
  return svg + "</svg>";
}

}  // namespace mlp
