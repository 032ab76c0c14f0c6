#include "server/observe/activity_totals.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mlp {
namespace {

// `units` is the layer's width. Activations that are not finite are in none of the sums.
LayerFigures FiguresOf(const LayerActivity& activity, std::int64_t units) {
  LayerFigures figures;
  figures.dead_units = activity.DeadUnits();
  const auto finite = static_cast<double>(activity.rows * units - activity.non_finite);
  if (finite > 0) {
    figures.mean = activity.sum / finite;
    const double rms = std::sqrt(activity.sum_of_squares / finite);
    figures.zero_centredness = rms > 0 ? std::fabs(figures.mean) / rms : 0.0;
    figures.gradient_gain = activity.sum_of_slopes / finite;
  }
  return figures;
}

}  // namespace

ActivityTotals::ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window,
                               absl::Time now)
    : network_(std::move(network)),
      window_(window),
      summaries_(network_->layers().size()),
      current_(MakeNetworkActivity(*network_)),
      window_start_(now) {}

void ActivityTotals::Add(const NetworkActivity& activity, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  MergeNetworkActivity(activity, current_);
  for (std::size_t i = 0; i < summaries_.size(); ++i) {
    LayerCounts& counts = summaries_[i].counts;
    counts.activations += activity[i].rows * network_->layers()[i].units;
    counts.lower_tail += activity[i].LowerTail();
    counts.upper_tail += activity[i].UpperTail();
    counts.non_finite += activity[i].non_finite;
  }
  EndWindowIfDue(now);
}

std::vector<LayerSummary> ActivityTotals::Read(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  EndWindowIfDue(now);
  return summaries_;
}

void ActivityTotals::EndWindowIfDue(absl::Time now) {
  // Layers that are not element-wise count no rows, so the greatest count is the window's.
  std::int64_t rows = 0;
  for (const LayerActivity& layer : current_) rows = std::max(rows, layer.rows);
  const bool full = rows >= window_.rows;
  const bool old = now - window_start_ >= window_.age && rows >= ActivityWindow::kFewestRows;
  if (!full && !old) return;
  for (std::size_t i = 0; i < summaries_.size(); ++i) {
    summaries_[i].window = FiguresOf(current_[i], network_->layers()[i].units);
  }
  ResetNetworkActivity(current_);
  window_start_ = now;
}

}  // namespace mlp
