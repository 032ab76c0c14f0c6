#include "model/drift/drift_judge.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "model/drift/whitening.h"
#include "model/grouped_digits.h"

namespace mlp {
namespace {

// The statistic of some rows of a window, and the values derived from it.
struct Statistic {
  double value = 0.0;   // T or T'
  double square = 0.0;  // ‖d‖², which gives the effect
  std::int64_t rows = 0;
};

// Σ Aᵀ(w − μ) over some rows.
struct WhitenedSums {
  std::int64_t rows = 0;
  Eigen::VectorXd sums;
};

// A sub-window is complete once it has a tenth of the window's rows. If its last request has at
// most a tenth, the sub-window stays below two tenths. A larger request forms a separate
// sub-window, which is more than a single wild row.
bool MayBeLeftOut(std::int64_t rows, std::int64_t window_rows) { return 5 * rows <= window_rows; }

// Computes T or T' of windows.
class StatisticOf final {
 public:
  StatisticOf(std::int64_t baseline_rows, const AcceptedWindows* accepted)
      : baseline_rows_(static_cast<double>(baseline_rows)), accepted_(accepted) {}

  // 1/n + 1/m
  double VarianceOf(std::int64_t rows) const {
    return 1.0 / static_cast<double>(rows) + 1.0 / baseline_rows_;
  }

  Statistic Of(const Eigen::VectorXd& sums, std::int64_t rows) const {
    Eigen::VectorXd d = sums / static_cast<double>(rows);
    if (accepted_ != nullptr) {
      d -= Eigen::Map<const Eigen::VectorXd>(accepted_->figures().mean.data(), d.size());
    }
    const double square = d.squaredNorm();
    return {accepted_ != nullptr ? accepted_->DistanceOf(d) : square / VarianceOf(rows), square,
            rows};
  }

 private:
  double baseline_rows_;
  const AcceptedWindows* accepted_;
};

}  // namespace

Judgement JudgeWindow(const TargetBaseline& target, std::int64_t baseline_rows,
                      const AcceptedWindows* accepted, absl::Span<const SubWindow> window) {
  std::vector<WhitenedSums> parts;
  WhitenedSums whole{0, Eigen::VectorXd::Zero(target.components)};
  for (const SubWindow& sub_window : window) {
    if (sub_window.rows == 0) continue;
    WhitenedSums part{sub_window.rows, Whiten(target, sub_window.sums)};
    whole.rows += part.rows;
    whole.sums += part.sums;
    parts.push_back(std::move(part));
  }

  const StatisticOf statistic(baseline_rows, accepted);
  Statistic smallest;
  smallest.value = std::numeric_limits<double>::infinity();
  for (const WhitenedSums& part : parts) {
    if (!MayBeLeftOut(part.rows, whole.rows)) continue;
    const Statistic without = statistic.Of(whole.sums - part.sums, whole.rows - part.rows);
    if (without.value < smallest.value) smallest = without;
  }
  if (smallest.rows == 0) smallest = statistic.Of(whole.sums, whole.rows);

  Judgement judgement;
  judgement.rows = whole.rows;
  judgement.ratio =
      smallest.value / (accepted != nullptr ? accepted->figures().level : target.level);
  const double expected = target.kappa1 * statistic.VarianceOf(smallest.rows);
  judgement.effect = std::sqrt(std::max(smallest.square - expected, 0.0) / target.kappa1);
  judgement.whitened.reserve(static_cast<std::size_t>(target.components));
  for (const double sum : whole.sums) {
    judgement.whitened.push_back(static_cast<float>(sum / static_cast<double>(whole.rows)));
  }
  return judgement;
}

std::optional<std::string> LargeWindowWarning(std::int64_t baseline_rows,
                                              std::int64_t window_rows) {
  if (window_rows <= baseline_rows) return std::nullopt;
  return absl::StrCat("a window has up to ", GroupedDigits(window_rows),
                      " rows (--saturation-window), but the baseline only ",
                      GroupedDigits(baseline_rows),
                      ": healthy rows may alarm repeatedly; calibrate with more rows or use "
                      "smaller windows");
}

}  // namespace mlp
