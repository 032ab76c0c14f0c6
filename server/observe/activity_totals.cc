#include "server/observe/activity_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace mlp {
namespace {

// `units` is the layer's width. Non-finite activations are in none of the sums.
LayerFigures FiguresOf(const LayerActivity& activity, std::int64_t units) {
  LayerFigures figures;
  figures.dead_units = activity.DeadUnits();
  figures.one_signed_units = activity.OneSignedUnits();
  const auto finite = static_cast<double>(activity.rows * units - activity.non_finite);
  if (finite == 0) {
    // 0 would read as centred on zero, or as a vanishing gradient.
    const double none = std::numeric_limits<double>::quiet_NaN();
    figures.mean = figures.zero_centredness = figures.gradient_gain = none;
    figures.lower_share = figures.upper_share = none;
    return figures;
  }
  figures.lower_share = static_cast<double>(activity.LowerTail()) / finite;
  figures.upper_share = static_cast<double>(activity.UpperTail()) / finite;
  figures.mean = activity.Sum() / finite;
  const double rms = std::sqrt(activity.sum_of_squares / finite);
  // Rounding may put the mean of equal activations slightly above their rms.
  figures.zero_centredness = rms > 0 ? std::min(std::fabs(figures.mean) / rms, 1.0) : 0.0;
  figures.gradient_gain = activity.SumOfSlopes() / finite;
  return figures;
}

template <typename Number>
void AddEachTo(const std::vector<Number>& numbers, std::vector<Number>& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += numbers[i];
}

}  // namespace

void ActivitySubWindow::Clear() {
  rows = 0;
  for (UnitSums& layer : layers) {
    std::fill(layer.values.begin(), layer.values.end(), 0.0);
    std::fill(layer.slopes.begin(), layer.slopes.end(), 0.0);
    std::fill(layer.non_finite.begin(), layer.non_finite.end(), 0);
  }
}

ActivityTotals::ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window,
                               Clock::time_point now)
    : network_(std::move(network)),
      window_(window),
      current_(MakeNetworkActivity(*network_)),
      window_start_(now),
      judged_(window) {
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
  if (judged_.is_on()) AddToJudged(rows, activity, now);
}

ActivitySummary ActivityTotals::Read(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  EndWindowIfDue(now);
  return summary_;
}

void ActivityTotals::EndWindowIfDue(Clock::time_point now) {
  if (!window_.IsOver(window_rows_, now - window_start_)) return;
  for (std::size_t i = 0; i < summary_.layers.size(); ++i) {
    summary_.layers[i].window = FiguresOf(current_[i], network_->layers()[i].units);
  }
  ResetNetworkActivity(current_);
  window_rows_ = 0;
  window_start_ = now;
}

ActivitySubWindow ActivityTotals::EmptySubWindow() const {
  ActivitySubWindow empty;
  for (const Layer& layer : network_->layers()) {
    const auto units = static_cast<std::size_t>(layer.has_activity() ? layer.units : 0);
    empty.layers.push_back(
        {std::vector<double>(units), std::vector<double>(units), std::vector<std::int64_t>(units)});
  }
  return empty;
}

void ActivityTotals::SetJudged(bool judged, Clock::time_point now) {
  // The windows are swapped under the lock, but allocated and freed outside it.
  FinishedActivityWindow one;
  FinishedActivityWindow other;
  if (judged) {
    const ActivitySubWindow empty = EmptySubWindow();
    one = JudgedWindow<ActivitySubWindow>::Make(empty);
    other = JudgedWindow<ActivitySubWindow>::Make(empty);
  }
  const std::lock_guard lock(mutex_);
  judged_.Start(one, other, now);
}

void ActivityTotals::AddToJudged(std::int64_t rows, const NetworkActivity& activity,
                                 Clock::time_point now) {
  ActivitySubWindow& sums = judged_.current();
  sums.rows += rows;
  for (std::size_t i = 0; i < sums.layers.size(); ++i) {
    AddEachTo(activity[i].unit_values, sums.layers[i].values);
    AddEachTo(activity[i].unit_slopes, sums.layers[i].slopes);
    if (activity[i].non_finite > 0) {
      AddEachTo(activity[i].unit_non_finite, sums.layers[i].non_finite);
    }
  }
  judged_.Advance(rows, now);
}

bool ActivityTotals::TakeWindow(Clock::time_point now, FinishedActivityWindow& window) {
  if (window.sub_windows.empty()) {
    window = JudgedWindow<ActivitySubWindow>::Make(EmptySubWindow());
  } else {
    window.Clear();
  }
  const std::lock_guard lock(mutex_);
  if (!judged_.is_on()) return false;
  judged_.Advance(0, now);
  return judged_.Take(window);
}

}  // namespace mlp
