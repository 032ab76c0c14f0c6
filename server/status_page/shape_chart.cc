#include "server/status_page/shape_chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/status_page/figures.h"
#include "server/status_page/html_text.h"

namespace mlp {
namespace {

constexpr double kShapeWidth = 360.0;
constexpr double kShapeHeight = 170.0;
constexpr double kShapeFloor = 146.0;
constexpr double kShapeCeiling = 12.0;

// The sample can only be drawn if its edges are finite and ascending.
bool IsDrawable(const StatusShape& shape) {
  if (shape.shares.empty() || shape.bounds.size() != shape.shares.size() + 1) return false;
  for (const double bound : shape.bounds) {
    if (!std::isfinite(bound)) return false;
  }
  return std::is_sorted(shape.bounds.begin(), shape.bounds.end()) &&
         shape.bounds.front() < shape.bounds.back();
}

class ShapePicture {
 public:
  ShapePicture(const StatusLayer& layer, std::size_t number)
      : shape_(layer.shape), number_(number) {}

  std::string Svg(const std::string& label) const {
    return absl::StrFormat(
               "<svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">"
               "<defs><pattern id=\"hatch-%d\" width=\"6\" height=\"6\" "
               "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
               "<path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs>",
               kShapeWidth, kShapeHeight, label, number_) +
           Tails() + Bars() + Curve() + Axis() + "</svg>";
  }

 private:
  double X(double z) const {
    const double low = shape_.bounds.front();
    const double high = shape_.bounds.back();
    return kShapeWidth * std::clamp((z - low) / (high - low), 0.0, 1.0);
  }

  std::string Tails() const {
    std::string svg;
    const auto add = [&](double from, double to) {
      if (!(to > from)) return;
      absl::StrAppendFormat(&svg,
                            "<rect class=\"tail\" fill=\"url(#hatch-%d)\" x=\"%.1f\" y=\"%.0f\" "
                            "width=\"%.1f\" height=\"%.0f\"/>",
                            number_, from, kShapeCeiling, to - from, kShapeFloor - kShapeCeiling);
    };
    if (!std::isnan(shape_.lower_tail)) add(0.0, X(shape_.lower_tail));
    if (!std::isnan(shape_.upper_tail)) add(X(shape_.upper_tail), kShapeWidth);
    return svg;
  }

  std::string Bars() const {
    const double greatest = *std::max_element(shape_.shares.begin(), shape_.shares.end());
    if (!(greatest > 0.0)) return "";
    std::string svg;
    for (std::size_t i = 0; i < shape_.shares.size(); ++i) {
      if (!(shape_.shares[i] > 0.0)) continue;
      const double left = X(shape_.bounds[i]);
      const double right = X(shape_.bounds[i + 1]);
      const double middle = (shape_.bounds[i] + shape_.bounds[i + 1]) / 2;
      const bool in_tail = middle <= shape_.lower_tail || middle >= shape_.upper_tail;
      const double height =
          std::max(1.0, (kShapeFloor - kShapeCeiling) * shape_.shares[i] / greatest);
      absl::StrAppendFormat(&svg,
                            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                            "height=\"%.1f\"><title>%s to %s: %s</title></rect>",
                            in_tail ? "bar tailed" : "bar", left + 0.4, kShapeFloor - height,
                            std::max(0.4, right - left - 0.8), height, NumberText(shape_.bounds[i]),
                            NumberText(shape_.bounds[i + 1]), ShareText(shape_.shares[i]));
    }
    return svg;
  }

  // Scaled from the least to the greatest value of the activation over this range.
  std::string Curve() const {
    double least = HUGE_VAL;
    double greatest = -HUGE_VAL;
    const std::size_t points = std::min(shape_.curve_z.size(), shape_.curve_a.size());
    for (std::size_t i = 0; i < points; ++i) {
      if (!std::isfinite(shape_.curve_a[i])) continue;
      least = std::min(least, shape_.curve_a[i]);
      greatest = std::max(greatest, shape_.curve_a[i]);
    }
    if (!(greatest > least)) return "";
    std::string path;
    bool is_down = false;
    for (std::size_t i = 0; i < points; ++i) {
      if (!std::isfinite(shape_.curve_a[i]) || !std::isfinite(shape_.curve_z[i])) {
        is_down = false;
        continue;
      }
      absl::StrAppendFormat(&path, "%c%.1f %.1f", is_down ? 'L' : 'M', X(shape_.curve_z[i]),
                            kShapeFloor - (kShapeFloor - kShapeCeiling) *
                                              (shape_.curve_a[i] - least) / (greatest - least));
      is_down = true;
    }
    return absl::StrFormat("<path class=\"curve\" d=\"%s\"/>", path);
  }

  std::string Axis() const {
    std::string svg = absl::StrFormat("<path class=\"floor\" d=\"M0 %.1fH%.0f\"/>",
                                      kShapeFloor + 0.5, kShapeWidth);
    const auto add = [&](double z, const char* anchor) {
      absl::StrAppendFormat(&svg, "<text x=\"%.1f\" y=\"163\" text-anchor=\"%s\">%s</text>", X(z),
                            anchor, NumberText(z));
    };
    const double low = shape_.bounds.front();
    const double high = shape_.bounds.back();
    add(low, "start");
    add(high, "end");
    std::vector<double> labelled;
    for (const double z : {shape_.lower_tail, shape_.upper_tail, 0.0}) {
      const bool has_room = !std::isnan(z) && X(z) > 0.2 * kShapeWidth && X(z) < 0.8 * kShapeWidth;
      const bool is_free = std::all_of(labelled.begin(), labelled.end(), [&](double other) {
        return std::fabs(X(z) - X(other)) >= 0.12 * kShapeWidth;
      });
      if (!has_room || !is_free) continue;
      add(z, "middle");
      labelled.push_back(z);
    }
    return svg;
  }

  const StatusShape& shape_;
  const std::size_t number_;
};

}  // namespace

std::string ShapeChartHtml(const StatusLayer& layer, std::size_t number) {
  const StatusShape& shape = layer.shape;
  if (!IsDrawable(shape)) return "";
  std::string tails;
  if (!std::isnan(shape.lower_tail)) {
    absl::StrAppend(&tails, ShareText(layer.lower_share.value), " at or below ",
                    NumberText(shape.lower_tail));
  }
  if (!std::isnan(shape.upper_tail)) {
    absl::StrAppend(&tails, tails.empty() ? "" : ", ", ShareText(layer.upper_share.value),
                    " at or above ", NumberText(shape.upper_tail));
  }
  if (tails.empty()) tails = "no tails";
  const std::string what = absl::StrCat("Pre-activations of ", HtmlText(layer.name),
                                        " on the curve of ", HtmlText(layer.activation));
  const std::string label = absl::StrCat(what, ", from ", NumberText(shape.bounds.front()), " to ",
                                         NumberText(shape.bounds.back()), ": ", tails);
  return absl::StrCat("<figure><figcaption>", what, " <span>", tails, "; hatched: the tails",
                      "</span></figcaption>", ShapePicture(layer, number).Svg(label), "</figure>");
}

}  // namespace mlp
