#include "client/plot/latency_plot.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/plot/svg.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr double kLatencyWidth = 720.0;
constexpr double kLatencyHeight = 400.0;
constexpr double kPlotLeft = 70.0;
constexpr double kPlotRight = 700.0;
constexpr double kPlotTop = 64.0;
constexpr double kPlotBottom = 350.0;

struct PercentileLine {
  const char* name;
  const char* colour;
  double LatencyPoint::*value;
};

constexpr PercentileLine kPercentileLines[] = {
    {"p50", "#2166ac", &LatencyPoint::p50_microseconds},
    {"p90", "#4d9221", &LatencyPoint::p90_microseconds},
    {"p99", "#d6604d", &LatencyPoint::p99_microseconds},
    {"p99.9", "#8e44ad", &LatencyPoint::p999_microseconds},
};

// Maps rates and latencies to the picture. The latency axis spans whole powers of ten, at least
// one.
class LatencyFrame final {
 public:
  explicit LatencyFrame(const std::vector<LatencyPoint>& points) {
    double least = 1e300;
    double most = 0.0;
    for (const LatencyPoint& point : points) {
      most_rate_ = std::max(most_rate_, 1.05 * point.rate);
      least = std::min(least, point.p50_microseconds);
      most = std::max(most, point.p999_microseconds);
    }
    if (points.empty()) least = most = 1.0;
    lowest_ = static_cast<int>(std::floor(std::log10(least)));
    highest_ = std::max(lowest_ + 1, static_cast<int>(std::ceil(std::log10(most))));
  }

  double X(double rate) const { return kPlotLeft + rate / most_rate_ * (kPlotRight - kPlotLeft); }
  double Y(double microseconds) const {
    return kPlotBottom -
           (std::log10(microseconds) - lowest_) / (highest_ - lowest_) * (kPlotBottom - kPlotTop);
  }

  std::string Axes() const {
    std::string text;
    for (int power = lowest_; power <= highest_; ++power) {
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double microseconds = digit * std::pow(10.0, power);
        const double y = Y(microseconds);
        if (y < kPlotTop - 0.5) break;
        absl::StrAppend(
            &text, SvgRule(kPlotLeft, y, kPlotRight, y, "#dddddd"),
            SvgText(kPlotLeft - 6, y + 4, " text-anchor=\"end\" font-size=\"12\"",
                    microseconds < 1000.0 ? absl::StrFormat("%g µs", microseconds)
                                          : absl::StrFormat("%g ms", microseconds / 1000.0)));
      }
    }
    const double step = TickStep(most_rate_);
    const int ticks = static_cast<int>(most_rate_ / step);
    for (int tick = 0; tick <= ticks; ++tick) {
      const double x = X(step * tick);
      absl::StrAppend(&text,
                      SvgRule(x, kPlotTop, x, kPlotBottom, tick == 0 ? "#777777" : "#dddddd"),
                      SvgText(x, kPlotBottom + 16, " text-anchor=\"middle\" font-size=\"12\"",
                              step < 1.0 ? absl::StrFormat("%g", step * tick)
                                         : FormatCount(std::llround(step * tick))));
    }
    return absl::StrCat(text,
                        SvgText((kPlotLeft + kPlotRight) / 2, kPlotBottom + 36,
                                " text-anchor=\"middle\" font-size=\"13\"", "requests/s answered"));
  }

 private:
  double most_rate_ = 1e-9;
  int lowest_ = 0;  // powers of ten, in microseconds
  int highest_ = 1;
};

std::string DrawnLine(const LatencyFrame& frame, const std::vector<LatencyPoint>& points,
                      const PercentileLine& line) {
  std::string path;
  std::string dots;
  for (const LatencyPoint& point : points) {
    const double x = frame.X(point.rate);
    const double y = frame.Y(point.*line.value);
    absl::StrAppend(&path, absl::StrFormat("%c%.1f %.1f", path.empty() ? 'M' : 'L', x, y));
    absl::StrAppend(&dots, absl::StrFormat("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" "
                                           "fill=\"%s\"/>\n",
                                           x, y, line.colour));
  }
  return absl::StrCat(SvgPath(path, line.colour, ""), dots);
}

}  // namespace

std::string LatencyPlot(absl::string_view title, std::vector<LatencyPoint> points) {
  points.erase(std::remove_if(points.begin(), points.end(),
                              [](const LatencyPoint& point) {
                                return point.rate <= 0.0 || point.p50_microseconds <= 0.0;
                              }),
               points.end());
  const LatencyFrame frame(points);
  std::string content = absl::StrCat(
      SvgText(kPlotLeft, 26, " font-size=\"17\" font-weight=\"bold\"", title), frame.Axes());
  double x = kPlotLeft;
  for (const PercentileLine& line : kPercentileLines) {
    absl::StrAppend(&content,
                    SvgText(x, 48, absl::StrCat(" font-size=\"14\" fill=\"", line.colour, "\""),
                            absl::StrCat("━━ ", line.name)));
    x += 90.0;
    if (!points.empty()) absl::StrAppend(&content, DrawnLine(frame, points, line));
  }
  return SvgPicture(kLatencyWidth, kLatencyHeight, title, content);
}

}  // namespace mlp
