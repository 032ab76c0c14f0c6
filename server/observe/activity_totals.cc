#include "server/observe/activity_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace mlp {
namespace {

// `units` is the layer's width. Activations that are not finite are in none of the sums.
LayerFigures FiguresOf(const LayerActivity& activity, std::int64_t units) {
  LayerFigures figures;
  figures.dead_units = activity.DeadUnits();
  const auto finite = static_cast<double>(activity.rows * units - activity.non_finite);
  if (finite == 0) {
    // 0 would read as centred on zero, or as a gradient that vanishes.
    const double none = std::numeric_limits<double>::quiet_NaN();
    figures.mean = figures.zero_centredness = figures.gradient_gain = none;
    return figures;
  }
  figures.mean = activity.Sum() / finite;
  const double rms = std::sqrt(activity.sum_of_squares / finite);
  // Rounding may leave the mean of equal activations a little above their rms.
  figures.zero_centredness = rms > 0 ? std::min(std::fabs(figures.mean) / rms, 1.0) : 0.0;
  figures.gradient_gain = activity.SumOfSlopes() / finite;
  return figures;
}

}  // namespace

ActivityTotals::ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window,
                               Clock::time_point now)
    : network_(std::move(network)),
      window_(window),
      current_(MakeNetworkActivity(*network_)),
      window_start_(now) {
  summary_.layers.resize(network_->layers().size());
}

void ActivityTotals::Add(std::int64_t rows, const NetworkActivity& activity,
                         Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  MergeNetworkActivity(activity, current_);
  for (std::size_t i = 0; i < summary_.layers.size(); ++i) {
    LayerCounts& counts = summary_.layers[i].counts;
    counts.activations += activity[i].rows * network_->layers()[i].units;
    counts.lower_tail += activity[i].LowerTail();
    counts.upper_tail += activity[i].UpperTail();
    counts.non_finite += activity[i].non_finite;
  }
  summary_.rows += rows;
  window_rows_ += rows;
  EndWindowIfDue(now);
}

ActivitySummary ActivityTotals::Read(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  EndWindowIfDue(now);
  return summary_;
}

void ActivityTotals::EndWindowIfDue(Clock::time_point now) {
  const bool full = window_rows_ >= window_.rows;
  const bool old =
      now - window_start_ >= window_.age && window_rows_ >= ActivityWindow::kFewestRows;
  if (!full && !old) return;
  for (std::size_t i = 0; i < summary_.layers.size(); ++i) {
    summary_.layers[i].window = FiguresOf(current_[i], network_->layers()[i].units);
  }
  ResetNetworkActivity(current_);
  window_rows_ = 0;
  window_start_ = now;
}

}  // namespace mlp
