#include "server/insight/sub_windows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace mlp {
namespace {

// The number of rows in which every unit's value is finite, or a lower bound of it.
std::int64_t FiniteRows(const ActivitySubWindow& part, const UnitSums& sums) {
  const auto most = std::max_element(sums.non_finite.begin(), sums.non_finite.end());
  return most == sums.non_finite.end() ? part.rows : part.rows - *most;
}

}  // namespace

std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target) {
  std::vector<SubWindow> sub_windows;
  const auto layer =
      std::find_if(network.layers().begin(), network.layers().end(),
                   [&](const Layer& candidate) { return candidate.name == target.name; });
  if (layer == network.layers().end()) return sub_windows;
  const auto index = static_cast<std::size_t>(layer - network.layers().begin());
  const std::size_t units = target.mean.size() / 2;
  std::int64_t all_rows = 0;
  std::int64_t finite_rows = 0;
  for (const ActivitySubWindow& part : window.sub_windows) {
    const UnitSums& sums = part.layers[index];
    if (sums.values.size() != units) return {};
    const std::int64_t rows = FiniteRows(part, sums);
    all_rows += part.rows;
    finite_rows += rows;
    if (rows == 0) continue;
    SubWindow& made = sub_windows.emplace_back();
    made.rows = rows;
    made.sums.resize(2 * units);
    for (std::size_t unit = 0; unit < units; ++unit) {
      const auto finite = static_cast<double>(part.rows - sums.non_finite[unit]);
      // Scale every unit to the row count of the unit with the fewest.
      const double weight = static_cast<double>(rows) / finite;
      made.sums[unit] = weight * (sums.values[unit] - finite * target.mean[unit]);
      made.sums[units + unit] = weight * (sums.slopes[unit] - finite * target.mean[units + unit]);
    }
  }
  // Too few rows to represent the window.
  if (2 * finite_rows < all_rows) return {};
  return sub_windows;
}

namespace {

// Σ(w − μ) for values and their squares.
std::vector<double> LessMeans(const std::vector<double>& values, const std::vector<double>& squares,
                              std::int64_t rows, const std::vector<double>& mean) {
  std::vector<double> sums;
  if (values.size() + squares.size() != mean.size()) return sums;
  sums.reserve(mean.size());
  sums.insert(sums.end(), values.begin(), values.end());
  sums.insert(sums.end(), squares.begin(), squares.end());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] -= static_cast<double>(rows) * mean[i];
  return sums;
}

// Σ(w − μ) for the judged classes and the confidence.
std::vector<double> ClassSums(const ClassReference& classes, const WatchSums& part,
                              const std::vector<double>& mean) {
  std::vector<double> sums;
  if (classes.judged.size() + 1 != mean.size()) return sums;
  for (const std::int64_t judged : classes.judged) {
    if (judged < 0 || judged >= static_cast<std::int64_t>(part.predicted.size())) return {};
    sums.push_back(static_cast<double>(part.predicted[static_cast<std::size_t>(judged)]));
  }
  sums.push_back(part.confidence);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] -= static_cast<double>(part.predicted_rows) * mean[i];
  }
  return sums;
}

// Keeps the `most` elements with the greatest `by`, the greatest first.
template <typename Element, typename By>
void KeepGreatest(std::vector<Element>& elements, std::size_t most, const By& by) {
  const std::size_t kept = std::min(most, elements.size());
  std::partial_sort(elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(kept),
                    elements.end(),
                    [&](const Element& a, const Element& b) { return by(a) > by(b); });
  elements.resize(kept);
}

}  // namespace

std::vector<SubWindow> WatchedSubWindows(const Baseline& baseline, const TargetBaseline& target,
                                         const FinishedWatchWindow& window) {
  std::vector<SubWindow> sub_windows;
  for (const WatchSums& part : window.sub_windows) {
    SubWindow made;
    made.rows = target.kind == TargetKind::kClasses ? part.predicted_rows : part.rows;
    if (made.rows == 0) continue;
    switch (target.kind) {
      case TargetKind::kInputs:
        made.sums = LessMeans(part.inputs, part.input_squares, part.rows, target.mean);
        break;
      case TargetKind::kValues:
        made.sums = LessMeans(part.values, part.value_squares, part.rows, target.mean);
        break;
      case TargetKind::kClasses:
        made.sums = ClassSums(baseline.classes, part, target.mean);
        break;
      case TargetKind::kHidden:
        break;
    }
    if (made.sums.empty()) return {};
    sub_windows.push_back(std::move(made));
  }
  return sub_windows;
}

MovedInputValues MovedInputs(const Baseline& baseline, const FinishedWatchWindow& window,
                             std::size_t most) {
  MovedInputValues moved_values;
  std::vector<Shift>& shifts = moved_values.most;
  if (baseline.targets.empty() || baseline.targets.front().kind != TargetKind::kInputs)
    return moved_values;
  const std::vector<double>& mean = baseline.targets.front().mean;
  const std::size_t values = mean.size() / 2;
  std::int64_t rows = 0;
  std::vector<double> sums(values);
  for (const WatchSums& part : window.sub_windows) {
    if (part.inputs.size() != values) return moved_values;
    rows += part.rows;
    for (std::size_t i = 0; i < values; ++i) sums[i] += part.inputs[i];
  }
  if (rows == 0) return moved_values;
  for (std::size_t i = 0; i < values; ++i) {
    // Divide by the standard deviation of a baseline row, which is at most 1 in the units of c.
    const double variance = mean[values + i] - mean[i] * mean[i];
    const double moved = sums[i] / static_cast<double>(rows) - mean[i];
    if (!(moved != 0)) continue;
    // A value that never varied has no deviation, so its scale is used.
    const double deviation = variance > 1e-6 ? std::sqrt(variance) : 1.0;
    shifts.push_back({static_cast<std::int64_t>(i), moved / deviation});
    if (std::fabs(moved / deviation) >= kClearShift) ++moved_values.clearly;
  }
  KeepGreatest(shifts, most, [](const Shift& shift) { return std::fabs(shift.deviations); });
  return moved_values;
}

std::vector<MovedClass> MovedClasses(const Baseline& baseline, const FinishedWatchWindow& window,
                                     std::size_t most) {
  const std::vector<double>& shares = baseline.classes.share;
  std::vector<MovedClass> moved(shares.size());
  std::int64_t rows = 0;
  for (const WatchSums& part : window.sub_windows) {
    if (part.predicted.size() != shares.size()) return {};
    rows += part.predicted_rows;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      moved[i].share += static_cast<double>(part.predicted[i]);
    }
  }
  if (rows == 0) return {};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    moved[i] = {static_cast<std::int64_t>(i), moved[i].share / static_cast<double>(rows)};
  }
  KeepGreatest(moved, most, [&](const MovedClass& moved_class) {
    return std::fabs(moved_class.share - shares[static_cast<std::size_t>(moved_class.index)]);
  });
  return moved;
}

}  // namespace mlp
