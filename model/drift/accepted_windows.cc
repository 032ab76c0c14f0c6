#include "model/drift/accepted_windows.h"

#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/drift/quantiles.h"

namespace mlp {
namespace {

constexpr std::size_t kFolds = 5;

// Of the least shrinkage, so that G can be inverted whatever the windows are.
constexpr double kLeastShrinkage = 1e-4;

using WindowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// What tells G, of `windows` in their order; without a level.
AcceptedWindows Describe(absl::Span<const std::vector<float>* const> windows,
                         std::int64_t components) {
  const auto count = static_cast<std::int64_t>(windows.size());
  AcceptedWindows described;
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

  const Eigen::MatrixXd x =
      Eigen::Map<const WindowMatrix>(described.windows.data(), count, components).cast<double>();
  const auto p = static_cast<double>(components);
  const auto n = static_cast<double>(count);
  const Eigen::VectorXd squares = x.rowwise().squaredNorm();
  described.scale = squares.sum() / n / p;
  // ‖S‖² by the inner products of the windows, which are fewer than the components' covariances.
  const double norm = (x * x.transpose()).squaredNorm() / (n * n);
  const double delta = (norm - p * described.scale * described.scale) / p;
  const double beta = std::min(delta, (squares.squaredNorm() / n - norm) / (p * n));
  described.shrinkage = delta > 0.0 ? std::clamp(beta / delta, kLeastShrinkage, 1.0) : 1.0;
  return described;
}

double DistanceOf(const AcceptedDistance& distance, const AcceptedWindows& accepted,
                  const std::vector<float>& window) {
  Eigen::VectorXd d(static_cast<Eigen::Index>(window.size()));
  for (std::size_t i = 0; i < window.size(); ++i) {
    d[static_cast<Eigen::Index>(i)] = window[i] - accepted.mean[i];
  }
  return distance.Of(d);
}

// T' of each window, by G of the other folds. The folds take turns, so that each has seen every
// hour of a day.
std::vector<double> HeldOutDistances(absl::Span<const std::vector<float>> windows,
                                     std::int64_t components) {
  std::vector<double> distances;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<const std::vector<float>*> others;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      if (i % kFolds != fold) others.push_back(&windows[i]);
    }
    const AcceptedWindows described = Describe(others, components);
    if (!(described.scale > 0.0)) continue;
    const AcceptedDistance distance(described);
    for (std::size_t i = fold; i < windows.size(); i += kFolds) {
      distances.push_back(DistanceOf(distance, described, windows[i]));
    }
  }
  return distances;
}

// The quantile of the gamma distribution with the greatest likelihood: ln k − ψ(k) = s, with
// Minka's start (Estimating a Gamma distribution, 2002) and Newton's steps.
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
    const double slope = 1.0 / shape - Eigen::numext::zeta(2.0, shape);  // ψ' is Hurwitz's zeta
    const double next = shape - beyond / slope;
    shape = next > 0.0 ? next : shape / 2.0;
  }
  return GammaQuantile(shape, mean / shape, probability);
}

}  // namespace

AcceptedDistance::AcceptedDistance(const AcceptedWindows& accepted)
    : windows_(accepted.windows.data(),
               static_cast<Eigen::Index>(accepted.windows.size() / accepted.mean.size()),
               static_cast<Eigen::Index>(accepted.mean.size())),
      ridge_(accepted.shrinkage * accepted.scale),
      weight_((1.0 - accepted.shrinkage) / static_cast<double>(windows_.rows())) {
  const Eigen::MatrixXd x = windows_.cast<double>();
  Eigen::MatrixXd inner = weight_ * (x * x.transpose());
  inner.diagonal().array() += ridge_;
  inner_.compute(inner);
}

double AcceptedDistance::Of(const Eigen::VectorXd& d) const {
  Eigen::VectorXd products(windows_.rows());
  for (Eigen::Index i = 0; i < windows_.rows(); ++i) {
    products[i] = windows_.row(i).cast<double>().dot(d);
  }
  return (d.squaredNorm() - weight_ * products.dot(inner_.solve(products))) / ridge_;
}

absl::StatusOr<AcceptedWindows> AcceptWindows(const TargetBaseline& target,
                                              absl::Span<const std::vector<float>> windows) {
  if (static_cast<std::int64_t>(windows.size()) < kFewestAcceptedWindows) {
    return absl::InvalidArgumentError(absl::StrCat(windows.size(), " windows; at least ",
                                                   kFewestAcceptedWindows, " can be accepted"));
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
  AcceptedWindows accepted = Describe(all, target.components);
  const std::vector<double> distances = HeldOutDistances(windows, target.components);
  if (!(accepted.scale > 0.0) || distances.size() != windows.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the windows of ", target.name, " do not differ from one another"));
  }
  accepted.level = FittedGammaQuantile(distances, kDriftQuantile);
  return accepted;
}

}  // namespace mlp
