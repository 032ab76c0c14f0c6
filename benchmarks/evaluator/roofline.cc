#include "benchmarks/evaluator/roofline.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mlp {
namespace {

constexpr double kWidth = 760.0;
constexpr double kHeight = 470.0;
constexpr double kLeft = 70.0;
constexpr double kRight = 740.0;
constexpr double kTop = 50.0;
constexpr double kBottom = 420.0;
constexpr const char* kColours[] = {"#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad"};

// One case, in floating-point operations per second; a multiply-add counts as two.
struct Point {
  double rows;
  double speed;
  double roof;  // the machine's limit
};

// Both axes are logarithmic.
class Axes final {
 public:
  Axes(double most_rows, double least_speed, double most_speed)
      : most_rows_(std::log2(most_rows)),
        least_speed_(std::floor(std::log10(least_speed))),
        most_speed_(std::log10(most_speed) + 0.15) {}

  double X(double rows) const {
    return kLeft + (kRight - kLeft) * std::log2(rows) / std::max(1.0, most_rows_);
  }
  double Y(double speed) const {
    return kBottom -
           (kBottom - kTop) * (std::log10(speed) - least_speed_) / (most_speed_ - least_speed_);
  }

  std::string Grid() const {
    std::string svg;
    for (std::int64_t rows = 1; X(static_cast<double>(rows)) < kRight + 1; rows *= 2) {
      const double x = X(static_cast<double>(rows));
      absl::StrAppendFormat(&svg,
                            "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>"
                            "<text x='%.1f' y='%.1f' text-anchor='middle'>%d</text>\n",
                            x, kTop, x, kBottom, x, kBottom + 16, rows);
    }
    // The speed doubles from line to line.
    const double lines = (most_speed_ - least_speed_) / std::log10(2.0);
    for (int line = 0; line <= static_cast<int>(lines); ++line) {
      const double speed = std::ldexp(std::pow(10.0, least_speed_), line);
      absl::StrAppendFormat(&svg,
                            "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>"
                            "<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n",
                            kLeft, Y(speed), kRight, Y(speed), kLeft - 6, Y(speed) + 4,
                            speed * 1e-9);
    }
    return svg;
  }

 private:
  double most_rows_;
  double least_speed_;
  double most_speed_;
};

// The number of weights of a network with this name, e.g. 64-64-32-10.
double WeightsOfName(const std::string& name) {
  double weights = 0.0;
  double inputs = 0.0;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('-', begin), name.size());
    const double units = std::stod(name.substr(begin, end - begin));
    weights += inputs * units;
    inputs = units;
    begin = end + 1;
  }
  return weights;
}

std::map<std::string, std::vector<Point>> PointsOf(const nlohmann::ordered_json& report) {
  std::map<std::string, std::vector<Point>> points;
  const std::string activation = report.at("cases").at(0).at("activation");
  for (const auto& result : report.at("cases")) {
    if (result.at("activation") != activation) continue;
    const std::string network = result.at("network");
    const double rows = result.at("rows");
    const double operations = 2 * rows * WeightsOfName(network);
    const double least =
        std::max(result.at("at_peak").get<double>(), result.at("at_bandwidth").get<double>());
    points[network].push_back(
        {rows, operations / result.at("seconds").get<double>(), operations / least});
  }
  return points;
}

std::string Line(const Axes& axes, const std::vector<Point>& points, double Point::*speed,
                 const char* colour, const char* css_class) {
  std::string path;
  for (const Point& point : points) {
    absl::StrAppendFormat(&path, "%.1f,%.1f ", axes.X(point.rows), axes.Y(point.*speed));
  }
  return absl::StrFormat("<polyline points='%s' class='%s' stroke='%s'/>\n", path, css_class,
                         colour);
}

}  // namespace

std::string RooflineSvg(const nlohmann::ordered_json& report) {
  const auto networks = PointsOf(report);
  double most_rows = 2.0;
  double least_speed = 1e12;
  double most_speed = 0.0;
  for (const auto& [network, points] : networks) {
    for (const Point& point : points) {
      most_rows = std::max(most_rows, point.rows);
      least_speed = std::min({least_speed, point.speed, point.roof});
      most_speed = std::max({most_speed, point.speed, point.roof});
    }
  }
  const Axes axes(most_rows, least_speed, most_speed);
  const std::string cpu = report.at("cpu");
  const std::string instruction_set = report.at("instruction_set");
  const std::string activation = report.at("cases").at(0).at("activation");
  std::string svg = absl::StrFormat(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' font-family='sans-serif' "
      "font-size='12'>\n<style>.grid{stroke:#ddd}.roof{fill:none;stroke-dasharray:5 4}"
      ".measured{fill:none;stroke-width:2}</style>\n<rect width='100%%' height='100%%' "
      "fill='white'/>\n<text x='%.1f' y='20' font-size='14'>GFLOP/s by rows of a batch, one thread "
      "(%s, %s, %s)</text>\n<text x='%.1f' y='38' fill='#555'>dashed: what the "
      "measured peak and the measured bandwidth of reading its weights allow</text>\n",
      kWidth, kHeight, kLeft, cpu, instruction_set, activation, kLeft);
  absl::StrAppend(&svg, axes.Grid());
  std::size_t index = 0;
  for (const auto& [network, points] : networks) {
    const char* colour = kColours[index % std::size(kColours)];
    absl::StrAppend(&svg, Line(axes, points, &Point::roof, colour, "roof"),
                    Line(axes, points, &Point::speed, colour, "measured"));
    for (const Point& point : points) {
      absl::StrAppendFormat(&svg, "<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>\n",
                            axes.X(point.rows), axes.Y(point.speed), colour);
    }
    absl::StrAppendFormat(&svg, "<text x='%.1f' y='%.1f' text-anchor='end' fill='%s'>%s</text>\n",
                          kRight - 6, kBottom - 12 - 18 * static_cast<double>(index), colour,
                          network);
    ++index;
  }
  absl::StrAppendFormat(&svg, "<text x='%.1f' y='%.1f' text-anchor='middle'>rows</text>\n</svg>\n",
                        (kLeft + kRight) / 2, kBottom + 36);
  return svg;
}

}  // namespace mlp
