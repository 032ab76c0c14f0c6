#include "model/drift/accepted_windows.h"

#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/drift/quantiles.h"

namespace mlp {
namespace {

constexpr std::size_t kFolds = 5;

// Least shrinkage, so that G is invertible whatever the windows are.
constexpr double kMinShrinkage = 1e-4;

using WindowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Number of components converted to double at a time.
constexpr std::int64_t kWidenedColumns = 512;

// XXᵀ of the windows, [count, count]. Used if there are fewer windows than components.
Eigen::MatrixXd InnerProducts(const std::vector<float>& windows, std::int64_t count) {
  const auto components = static_cast<std::int64_t>(windows.size()) / count;
  const Eigen::Map<const WindowMatrix> x(windows.data(), count, components);
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(count, count);
  for (std::int64_t first = 0; first < components; first += kWidenedColumns) {
    const Eigen::MatrixXd some =
        x.middleCols(first, std::min(kWidenedColumns, components - first)).cast<double>();
    products.selfadjointView<Eigen::Lower>().rankUpdate(some);
  }
  return products.selfadjointView<Eigen::Lower>();
}

// XᵀX of the windows, [p, p].
Eigen::MatrixXd Scatter(const std::vector<float>& windows, std::int64_t count) {
  const auto components = static_cast<std::int64_t>(windows.size()) / count;
  const Eigen::MatrixXd x =
      Eigen::Map<const WindowMatrix>(windows.data(), count, components).cast<double>();
  return x.transpose() * x;
}

// Everything that defines G, computed from `windows` in their order; without a level.
AcceptedFigures Describe(absl::Span<const std::vector<float>* const> windows,
                         std::int64_t components) {
  const auto count = static_cast<std::int64_t>(windows.size());
  AcceptedFigures described;
  described.mean.assign(static_cast<std::size_t>(components), 0.0);
  for (const std::vector<float>* window : windows) {
    for (std::size_t i = 0; i < described.mean.size(); ++i) described.mean[i] += (*window)[i];
  }
  for (double& mean : described.mean) mean /= static_cast<double>(count);
  described.windows.reserve(static_cast<std::size_t>(count * components));
  for (const std::vector<float>* window : windows) {
    for (std::size_t i = 0; i < described.mean.size(); ++i) {
      described.windows.push_back(static_cast<float>((*window)[i] - described.mean[i]));
    }
  }

  const Eigen::MatrixXd products = InnerProducts(described.windows, count);
  const auto p = static_cast<double>(components);
  const auto n = static_cast<double>(count);
  const Eigen::VectorXd squares = products.diagonal();
  described.scale = squares.sum() / n / p;
  const double norm = products.squaredNorm() / (n * n);  // ‖S‖²
  const double delta = (norm - p * described.scale * described.scale) / p;
  const double beta = std::min(delta, (squares.squaredNorm() / n - norm) / (p * n));
  described.shrinkage = delta > 0.0 ? std::clamp(beta / delta, kMinShrinkage, 1.0) : 1.0;
  return described;
}

double DistanceOf(const AcceptedWindows& accepted, const std::vector<float>& window) {
  Eigen::VectorXd d(static_cast<Eigen::Index>(window.size()));
  for (std::size_t i = 0; i < window.size(); ++i) {
    d[static_cast<Eigen::Index>(i)] = window[i] - accepted.figures().mean[i];
  }
  return accepted.DistanceOf(d);
}

// T' of each window, by the G of the other folds. Windows are assigned to the folds in turn, so
// that each fold covers every hour of a day.
std::vector<double> HeldOutDistances(absl::Span<const std::vector<float>> windows,
                                     std::int64_t components) {
  std::vector<double> distances;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<const std::vector<float>*> other_windows;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      if (i % kFolds != fold) other_windows.push_back(&windows[i]);
    }
    AcceptedFigures described = Describe(other_windows, components);
    if (!(described.scale > 0.0)) continue;
    const AcceptedWindows accepted(std::move(described));
    for (std::size_t i = fold; i < windows.size(); i += kFolds) {
      distances.push_back(DistanceOf(accepted, windows[i]));
    }
  }
  return distances;
}

// The quantile of the gamma distribution with the greatest likelihood: solves ln k − ψ(k) = s from
// Minka's starting point (Estimating a Gamma distribution, 2002) with Newton's method.
double FittedGammaQuantile(absl::Span<const double> values, double probability) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0;
  double mean_log = 0.0;
  for (const double value : values) {
    mean += value / n;
    mean_log += std::log(std::max(value, 1e-300)) / n;
  }
  const double s = std::max(std::log(mean) - mean_log, 1e-9);
  double shape = (3.0 - s + std::sqrt((s - 3.0) * (s - 3.0) + 24.0 * s)) / (12.0 * s);
  for (int step = 0; step < 20; ++step) {
    const double beyond = std::log(shape) - Eigen::numext::digamma(shape) - s;
    const double slope = 1.0 / shape - Eigen::numext::zeta(2.0, shape);  // ψ' is a Hurwitz zeta
                                                                         // function
    const double next = shape - beyond / slope;
    shape = next > 0.0 ? next : shape / 2.0;
  }
  return GammaQuantile(shape, mean / shape, probability);
}

}  // namespace

AcceptedWindows::AcceptedWindows(AcceptedFigures figures)
    : figures_(std::move(figures)),
      ridge_(figures_.shrinkage * figures_.scale),
      weight_((1.0 - figures_.shrinkage) / static_cast<double>(count())) {
  Eigen::MatrixXd ridged = weight_ * (has_fewer_windows() ? InnerProducts(figures_.windows, count())
                                                          : Scatter(figures_.windows, count()));
  ridged.diagonal().array() += ridge_;
  factor_.compute(ridged);
}

std::int64_t AcceptedWindows::count() const {
  return static_cast<std::int64_t>(figures_.windows.size() / figures_.mean.size());
}

double AcceptedWindows::DistanceOf(const Eigen::VectorXd& d) const {
  if (!has_fewer_windows()) return factor_.matrixL().solve(d).squaredNorm();
  const Eigen::Map<const WindowMatrix> windows(figures_.windows.data(), count(), d.size());
  Eigen::VectorXd products(windows.rows());
  for (Eigen::Index i = 0; i < windows.rows(); ++i) {
    products[i] = windows.row(i).cast<double>().dot(d);
  }
  factor_.matrixL().solveInPlace(products);
  return (d.squaredNorm() - weight_ * products.squaredNorm()) / ridge_;
}

absl::StatusOr<std::shared_ptr<const AcceptedWindows>> AcceptWindows(
    const TargetBaseline& target, absl::Span<const std::vector<float>> windows) {
  const auto count = static_cast<std::int64_t>(windows.size());
  if (count < kMinAcceptedWindows || count > kMaxAcceptedWindows) {
    return absl::InvalidArgumentError(absl::StrCat(count, " windows; ", kMinAcceptedWindows, " to ",
                                                   kMaxAcceptedWindows, " can be accepted"));
  }
  std::vector<const std::vector<float>*> all;
  for (const std::vector<float>& window : windows) {
    if (static_cast<std::int64_t>(window.size()) != target.components) {
      return absl::InvalidArgumentError(absl::StrCat("a window of ", target.name, " has ",
                                                     window.size(), " components; expected ",
                                                     target.components));
    }
    if (!std::all_of(window.begin(), window.end(), [](float v) { return std::isfinite(v); })) {
      return absl::InvalidArgumentError(
          absl::StrCat("a window of ", target.name, " has a value that is not finite"));
    }
    all.push_back(&window);
  }
  AcceptedFigures accepted = Describe(all, target.components);
  const std::vector<double> distances = HeldOutDistances(windows, target.components);
  if (!(accepted.scale > 0.0) || distances.size() != windows.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the windows of ", target.name, " do not differ from one another"));
  }
  accepted.level = FittedGammaQuantile(distances, kDriftQuantile);
  return std::make_shared<const AcceptedWindows>(std::move(accepted));
}

}  // namespace mlp
