#include "server/status_page/bar_chart.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/grouped_digits.h"
#include "server/status_page/figures.h"

namespace mlp {
namespace {

constexpr double kBarChartWidth = 360.0;
constexpr double kBarChartHeight = 150.0;
constexpr double kBarFloor = 126.0;  // the y of the bars' base
constexpr double kBarCeiling = 18.0;
// As many labels as fit into the width.
constexpr std::size_t kMaxBarLabels = 6;

// A bucket's upper bound; for the last bucket, its lower bound.
std::string BoundText(const BarChart& chart, std::size_t bucket, absl::string_view up_to,
                      absl::string_view over) {
  const std::vector<double>& bounds = chart.histogram.bounds;
  if (bucket < bounds.size()) return absl::StrCat(up_to, chart.text(bounds[bucket]));
  return bounds.empty() ? "all" : absl::StrCat(over, chart.text(bounds.back()));
}

std::string UpToText(const BarChart& chart, std::size_t bucket) {
  return BoundText(chart, bucket, "up to ", "over ");
}

// The bucket in which the running count reaches `share` of the total.
std::size_t BucketAt(const std::vector<std::int64_t>& buckets, std::int64_t total, double share) {
  std::int64_t below = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    below += buckets[i];
    if (static_cast<double>(below) >= share * static_cast<double>(total)) return i;
  }
  return buckets.size() - 1;
}

}  // namespace

std::string BarChartHtml(const BarChart& chart) {
  const std::vector<std::int64_t>& buckets = chart.histogram.buckets;
  std::int64_t total = 0;
  for (const std::int64_t count : buckets) total += count;
  if (total <= 0) {
    return absl::StrCat("<figure class=\"card\"><figcaption>", chart.title,
                        "</figcaption><p class=\"empty\">No ", chart.unit,
                        " in the last hour.</p></figure>");
  }
  const auto is_counted = [](std::int64_t count) { return count > 0; };
  const auto first = static_cast<std::size_t>(
      std::find_if(buckets.begin(), buckets.end(), is_counted) - buckets.begin());
  const auto end = buckets.size() - static_cast<std::size_t>(
                                        std::find_if(buckets.rbegin(), buckets.rend(), is_counted) -
                                        buckets.rbegin());
  const std::int64_t greatest = *std::max_element(buckets.begin(), buckets.end());
  const std::size_t shown = end - first;
  const double pitch = kBarChartWidth / static_cast<double>(std::max<std::size_t>(shown, 4));

  std::string svg = absl::StrFormat(
      "<svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s of %s %s: half "
      "%s, "
      "99 percent %s\">",
      kBarChartWidth, kBarChartHeight, chart.title, GroupedDigits(total), chart.unit,
      UpToText(chart, BucketAt(buckets, total, 0.5)),
      UpToText(chart, BucketAt(buckets, total, 0.99)));
  const std::size_t label_step = (shown + kMaxBarLabels - 1) / kMaxBarLabels;
  for (std::size_t i = first; i < end; ++i) {
    const double left = pitch * static_cast<double>(i - first);
    // Even one in a million stays visible.
    const double height = buckets[i] == 0 ? 0.0
                                          : std::max(1.5, (kBarFloor - kBarCeiling) *
                                                              static_cast<double>(buckets[i]) /
                                                              static_cast<double>(greatest));
    absl::StrAppendFormat(&svg,
                          "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                          "height=\"%.1f\"><title>%s: %s (%s)</title></rect>",
                          left + 1, kBarFloor - height, pitch - 2, height, UpToText(chart, i),
                          GroupedDigits(buckets[i]),
                          ShareText(static_cast<double>(buckets[i]) / static_cast<double>(total)));
    if ((i - first) % label_step != 0) continue;
    absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"143\" text-anchor=\"middle\">%s</text>",
                          std::clamp(left + pitch / 2, 28.0, kBarChartWidth - 28.0),
                          BoundText(chart, i, "≤ ", "&gt; "));
  }
  absl::StrAppendFormat(&svg, "<path class=\"floor\" d=\"M0 %.1fH%.0f\"/></svg>", kBarFloor + 0.5,
                        kBarChartWidth);
  return absl::StrCat("<figure class=\"card\"><figcaption>", chart.title, " <span>",
                      GroupedDigits(total), " ", chart.unit, " in the last hour; half ",
                      UpToText(chart, BucketAt(buckets, total, 0.5)), ", 99&nbsp;% ",
                      UpToText(chart, BucketAt(buckets, total, 0.99)), "</span></figcaption>", svg,
                      "</figure>");
}

}  // namespace mlp
