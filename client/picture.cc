#include "client/picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/classification.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr absl::string_view kShades = " .:-=+*#%@";
constexpr std::size_t kWidestPicture = 64;  // 128 columns
constexpr std::size_t kMaxBars = 20;
constexpr std::size_t kHighestBars = 10;
constexpr int kBarColumns = 30;

struct Scale {
  float low = 0.0f;
  float high = 0.0f;

  // The position of `value` between low and high, in [0, 1]; 0 for NaN and if low equals high.
  double PlaceOf(float value) const {
    const double range = double{high} - double{low};
    const double place = (double{value} - double{low}) / range;
    return range > 0 && !std::isnan(place) ? std::clamp(place, 0.0, 1.0) : 0.0;
  }
};

// `scale` extended to all finite `values`.
Scale Widen(Scale scale, absl::Span<const float> values) {
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    scale.low = std::min(scale.low, value);
    scale.high = std::max(scale.high, value);
  }
  return scale;
}

// The indices of the bars to draw, in order.
std::vector<std::size_t> ChooseBars(absl::Span<const float> scores) {
  std::vector<std::size_t> bars(scores.size());
  std::iota(bars.begin(), bars.end(), 0);
  if (bars.size() <= kMaxBars) return bars;
  // A NaN counts as the lowest, because sorting needs an order.
  const auto key = [&](std::size_t i) { return std::isnan(scores[i]) ? -INFINITY : scores[i]; };
  std::stable_sort(bars.begin(), bars.end(),
                   [&](std::size_t a, std::size_t b) { return key(a) > key(b); });
  bars.resize(kHighestBars);
  return bars;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DrawPicture(absl::Span<const float> pixels) {
  std::size_t side = 0;
  while (side < kWidestPicture && side * side < pixels.size()) ++side;
  if (side == 0 || side * side != pixels.size()) {
    return absl::InvalidArgumentError(absl::StrCat("a row of ", pixels.size(),
                                                   " values cannot be drawn; expected a square "
                                                   "number of at most ",
                                                   kWidestPicture, "x", kWidestPicture));
  }
  const Scale scale = Widen(Scale{}, pixels);
  std::vector<std::string> lines(side);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double place = scale.PlaceOf(pixels[i]) * static_cast<double>(kShades.size() - 1);
    const char shade = std::isnan(pixels[i]) ? '?' : kShades[std::lround(place)];
    lines[i / side].append(2, shade);
  }
  return lines;
}

std::vector<std::string> DrawBars(absl::Span<const float> scores, std::int64_t label) {
  const bool probabilities = std::all_of(scores.begin(), scores.end(),
                                         [](float score) { return score >= 0 && score <= 1; });
  const Scale scale =
      probabilities ? Scale{0.0f, 1.0f} : Widen(Scale{scores[0], scores[0]}, scores);
  const auto best = static_cast<std::size_t>(ArgMax(scores));
  const std::vector<std::size_t> bars = ChooseBars(scores);
  const std::size_t index_columns =
      absl::StrCat(*std::max_element(bars.begin(), bars.end())).size();
  std::vector<std::string> lines;
  for (const std::size_t i : bars) {
    const auto filled =
        static_cast<std::size_t>(std::lround(scale.PlaceOf(scores[i]) * kBarColumns));
    const std::string number = probabilities ? absl::StrFormat("%5.1f %%", 100.0 * scores[i])
                                             : absl::StrFormat("%9.4g", scores[i]);
    lines.push_back(absl::StrCat(PadLeft(absl::StrCat(i), index_columns), " |",
                                 PadRight(std::string(filled, '#'), kBarColumns), "| ", number,
                                 i == best ? "  <- answer" : "",
                                 static_cast<std::int64_t>(i) == label ? "  <- label" : ""));
  }
  return lines;
}

std::string SideBySide(const std::vector<std::string>& left,
                       const std::vector<std::string>& right) {
  const std::size_t height = std::max(left.size(), right.size());
  std::size_t width = 0;
  for (const std::string& line : left) width = std::max(width, DisplayWidth(line));
  const auto line_of = [&](const std::vector<std::string>& block, std::size_t at) {
    const std::size_t above = (height - block.size()) / 2;
    return at >= above && at - above < block.size() ? absl::string_view(block[at - above])
                                                    : absl::string_view();
  };
  std::string text;
  for (std::size_t at = 0; at < height; ++at) {
    std::string line =
        absl::StrCat("  ", PadRight(line_of(left, at), width), "    ", line_of(right, at));
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace mlp
