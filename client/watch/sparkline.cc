#include "client/watch/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace mlp {
namespace {

constexpr std::array<const char*, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<const char*, 8> kWidths = {"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// The greatest known value; NaN if there is none.
double GreatestOf(absl::Span<const double> values) {
  double greatest = kNoValue;
  for (const double value : values) {
    if (!(value <= greatest) && !std::isnan(value)) greatest = value;
  }
  return greatest;
}

}  // namespace

std::string Sparkline(absl::Span<const double> values, std::size_t columns, double top) {
  const double greatest = GreatestOf(values);
  if (greatest > top) top = greatest;
  const std::size_t count = std::min(columns, values.size());
  std::string text;
  for (std::size_t column = 0; column < count; ++column) {
    const std::size_t begin = column * values.size() / count;
    const std::size_t end = (column + 1) * values.size() / count;
    const double value = GreatestOf(values.subspan(begin, end - begin));
    if (std::isnan(value)) {
      text += ' ';
      continue;
    }
    // Infinity over infinity counts as full.
    const double share = top > 0.0 && std::isfinite(top) ? std::clamp(value / top, 0.0, 1.0)
                                                         : (std::isinf(value) ? 1.0 : 0.0);
    text += kHeights.at(static_cast<std::size_t>(std::lround(share * 7.0)));
  }
  return text;
}

std::string Bar(double value, double top, std::size_t columns) {
  if (std::isnan(value)) return std::string(columns, ' ');
  const double share = std::clamp(value / top, 0.0, 1.0);
  const auto eighths =
      static_cast<std::size_t>(std::lround(share * 8.0 * static_cast<double>(columns)));
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += kWidths.back();
  std::size_t taken = eighths / 8;
  if (eighths % 8 > 0) {
    text += kWidths.at(eighths % 8 - 1);
    ++taken;
  }
  return text + std::string(columns - taken, ' ');
}

}  // namespace mlp
