#include "client/plot/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/plot/svg.h"

namespace mlp {
namespace {

constexpr double kWidth = 720.0;
constexpr double kHeight = 400.0;
constexpr double kLeft = 50.0;
constexpr double kRight = 20.0;
constexpr double kTop = 64.0;
constexpr double kBottom = 40.0;

constexpr char kValueColour[] = "#2166ac";
constexpr char kSlopeColour[] = "#d6604d";

// Maps the curve's coordinates to the picture's.
class Frame final {
 public:
  explicit Frame(const ActivationCurve& curve) : curve_(curve) {}

  double X(double z) const {
    const double share = (z - curve_.z.front()) / (curve_.z.back() - curve_.z.front());
    return kLeft + std::clamp(share, 0.0, 1.0) * (kWidth - kLeft - kRight);
  }
  double Y(double value) const {
    const double share = (curve_.highest - value) / (curve_.highest - curve_.lowest);
    return kTop + share * (kHeight - kTop - kBottom);
  }

 private:
  const ActivationCurve& curve_;
};

// A shaded band from `from` to `to` on the z axis, with its label.
std::string ShadedTail(const Frame& frame, double from, double to, absl::string_view label) {
  const double left = frame.X(from);
  const double right = frame.X(to);
  if (right - left < 1.0) return "";
  return absl::StrCat(absl::StrFormat("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                                      "fill=\"#f4a582\" fill-opacity=\"0.35\"/>\n",
                                      left, kTop, right - left, kHeight - kTop - kBottom),
                      SvgText((left + right) / 2, kHeight - kBottom - 8,
                              " text-anchor=\"middle\" font-size=\"12\"", label));
}

std::string ShadedTails(const ActivationCurve& curve, const Frame& frame) {
  std::string text;
  if (!std::isnan(curve.tails.lower)) {
    absl::StrAppend(&text, ShadedTail(frame, curve.z.front(), curve.tails.lower,
                                      absl::StrFormat("z ≤ %.4g", curve.tails.lower)));
  }
  if (!std::isnan(curve.tails.upper)) {
    absl::StrAppend(&text, ShadedTail(frame, curve.tails.upper, curve.z.back(),
                                      absl::StrFormat("z ≥ %.4g", curve.tails.upper)));
  }
  return text;
}

std::string Axes(const ActivationCurve& curve, const Frame& frame) {
  std::string text;
  const double z_step = 2.0;
  const int z_ticks = static_cast<int>((curve.z.back() - curve.z.front()) / z_step);
  for (int i = 0; i <= z_ticks; ++i) {
    const double z = curve.z.front() + z_step * i;
    absl::StrAppend(&text, SvgRule(frame.X(z), kTop, frame.X(z), kHeight - kBottom, "#dddddd"),
                    SvgText(frame.X(z), kHeight - kBottom + 16,
                            " text-anchor=\"middle\" font-size=\"12\"", absl::StrFormat("%g", z)));
  }
  const double step = TickStep(curve.highest - curve.lowest);
  const int first = static_cast<int>(std::ceil(curve.lowest / step - 1e-9));
  const int last = static_cast<int>(std::floor(curve.highest / step + 1e-9));
  for (int i = first; i <= last; ++i) {
    const double y = frame.Y(step * i);
    absl::StrAppend(&text, SvgRule(kLeft, y, kWidth - kRight, y, i == 0 ? "#777777" : "#dddddd"),
                    SvgText(kLeft - 6, y + 4, " text-anchor=\"end\" font-size=\"12\"",
                            absl::StrFormat("%g", step * i)));
  }
  return absl::StrCat(text,
                      SvgRule(frame.X(0.0), kTop, frame.X(0.0), kHeight - kBottom, "#777777"));
}

std::string CurvePath(const ActivationCurve& curve, const Frame& frame, const SampledLine& line,
                      absl::string_view colour, absl::string_view attributes) {
  std::string path;
  bool drawing = false;
  for (std::size_t i = 0; i < curve.z.size(); ++i) {
    const double value = line.values[i];
    if (!(value >= curve.lowest && value <= curve.highest)) {
      drawing = false;
      continue;
    }
    absl::StrAppend(&path, absl::StrFormat("%c%.1f %.1f", drawing && !line.jumps[i] ? 'L' : 'M',
                                           frame.X(curve.z[i]), frame.Y(value)));
    drawing = true;
  }
  return SvgPath(path, colour, attributes);
}

}  // namespace

std::string SvgPlot(const ActivationCurve& curve) {
  const Frame frame(curve);
  const std::string value_fill = absl::StrCat(" font-size=\"14\" fill=\"", kValueColour, "\"");
  const std::string slope_fill = absl::StrCat(" font-size=\"14\" fill=\"", kSlopeColour, "\"");
  return SvgPicture(
      kWidth, kHeight, curve.title,
      absl::StrCat(SvgText(kLeft, 26, " font-size=\"17\" font-weight=\"bold\"", curve.title),
                   SvgText(kLeft, 48, " font-size=\"14\"", curve.formula),
                   SvgText(kWidth - 240, 26, value_fill, "━━ f(z)"),
                   SvgText(kWidth - 160, 26, slope_fill, "╍╍ f′(z)"),
                   SvgText(kWidth - 80, 26, " font-size=\"14\" fill=\"#b2603c\"", "▒ tails"),
                   ShadedTails(curve, frame), Axes(curve, frame),
                   CurvePath(curve, frame, curve.slope, kSlopeColour, " stroke-dasharray=\"7 4\""),
                   CurvePath(curve, frame, curve.value, kValueColour, "")));
}

}  // namespace mlp
