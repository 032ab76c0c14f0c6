#include "client/plot/terminal_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

constexpr int kLines = 18;
constexpr int kDotColumns = 2;  // dots of a Braille character
constexpr int kDotLines = 4;

// The bits of a Braille character's dots, from its top to its bottom, left and right
// (The Unicode Standard, Braille Patterns, U+2800).
constexpr std::uint8_t kBrailleBits[kDotLines][kDotColumns] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

std::string BrailleCharacter(std::uint8_t dots) {
  return {'\xE2', static_cast<char>(0xA0 | (dots >> 6)), static_cast<char>(0x80 | (dots & 0x3F))};
}

class Grid final {
 public:
  explicit Grid(const ActivationCurve& curve)
      : curve_(curve),
        dots_(static_cast<std::size_t>(kLines) * kTerminalPlotColumns),
        marks_(dots_.size(), ' ') {}

  void DrawAxes() {
    const int zero_line = DotLineOf(0.0) / kDotLines;
    const int zero_column = DotColumnOf(0.0) / kDotColumns;
    for (int line = 0; line < kLines; ++line) marks_[IndexOf(line, zero_column)] = '|';
    for (int column = 0; column < kTerminalPlotColumns; ++column) {
      marks_[IndexOf(zero_line, column)] = column == zero_column ? '+' : '-';
    }
  }

  void DrawSlope() {
    for (std::size_t i = 0; i < curve_.z.size(); ++i) {
      if (!Shows(curve_.slope.values[i])) continue;
      marks_[IndexOf(DotLineOf(curve_.slope.values[i]) / kDotLines,
                     DotColumnOf(curve_.z[i]) / kDotColumns)] = '.';
    }
  }

  void DrawValue() {
    for (std::size_t i = 0; i < curve_.z.size(); ++i) {
      const double value = curve_.value.values[i];
      if (!Shows(value)) continue;
      const int to = DotLineOf(value);
      const bool joined = i > 0 && !curve_.value.jumps[i] && Shows(curve_.value.values[i - 1]);
      const int from = joined ? DotLineOf(curve_.value.values[i - 1]) : to;
      for (int line = std::min(from, to); line <= std::max(from, to); ++line) {
        const int column = DotColumnOf(curve_.z[i]);
        dots_[IndexOf(line / kDotLines, column / kDotColumns)] |=
            kBrailleBits[line % kDotLines][column % kDotColumns];
      }
    }
  }

  std::string Line(int line) const {
    std::string text;
    for (int column = 0; column < kTerminalPlotColumns; ++column) {
      const std::size_t index = IndexOf(line, column);
      if (dots_[index] != 0) {
        text += BrailleCharacter(dots_[index]);
      } else {
        text += marks_[index];
      }
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

 private:
  static std::size_t IndexOf(int line, int column) {
    return static_cast<std::size_t>(line) * kTerminalPlotColumns + static_cast<std::size_t>(column);
  }

  bool Shows(double value) const { return value >= curve_.lowest && value <= curve_.highest; }

  int DotLineOf(double value) const {
    const double share = (curve_.highest - value) / (curve_.highest - curve_.lowest);
    return static_cast<int>(std::lround(share * (kLines * kDotLines - 1)));
  }

  int DotColumnOf(double z) const {
    const double share = (z - curve_.z.front()) / (curve_.z.back() - curve_.z.front());
    return static_cast<int>(std::lround(share * (kTerminalPlotColumns * kDotColumns - 1)));
  }

  const ActivationCurve& curve_;
  std::vector<std::uint8_t> dots_;
  std::vector<char> marks_;
};

// Marks the tails below the horizontal axis: '<' and '>' where z is in one, otherwise blank.
std::string TailLine(const ActivationCurve& curve) {
  std::string line;
  for (int column = 0; column < kTerminalPlotColumns; ++column) {
    const double share = (column + 0.5) / kTerminalPlotColumns;
    const double z = curve.z.front() + share * (curve.z.back() - curve.z.front());
    line += z <= curve.tails.lower ? '<' : z >= curve.tails.upper ? '>' : ' ';
  }
  return line;
}

std::string TailText(absl::string_view name, absl::string_view comparison, double bound) {
  if (std::isnan(bound)) return absl::StrCat("no ", name, " tail");
  return absl::StrFormat("%s tail: z %s %.4g", name, comparison, bound);
}

}  // namespace

std::string TerminalPlot(const ActivationCurve& curve) {
  Grid grid(curve);
  grid.DrawAxes();
  grid.DrawSlope();
  grid.DrawValue();
  std::string text = absl::StrCat(curve.title, "\n", curve.formula, "\n\n");
  for (int line = 0; line < kLines; ++line) {
    std::string label;
    if (line == 0) label = absl::StrFormat("%.3g", curve.highest);
    if (line == kLines - 1) label = absl::StrFormat("%.3g", curve.lowest);
    absl::StrAppend(&text, absl::StrFormat("%8s ", label), grid.Line(line), "\n");
  }
  std::string tails = TailLine(curve);
  tails.erase(tails.find_last_not_of(' ') + 1);
  absl::StrAppend(&text, absl::StrFormat("%8s %s\n", "tails", tails),
                  absl::StrFormat("%9s%-8.3g%*.3g\n\n", "", curve.z.front(),
                                  kTerminalPlotColumns - 8, curve.z.back()),
                  "Braille dots: f(z), full stops: f'(z); ",
                  TailText("lower", "<=", curve.tails.lower), ", ",
                  TailText("upper", ">=", curve.tails.upper), "\n");
  return text;
}

}  // namespace mlp
