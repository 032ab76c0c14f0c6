#include "model/drift/covariance_sums.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "model/drift/kernels/value_kernel.h"
#include "model/drift/quantiles.h"

namespace mlp {
namespace {

// B = C + kRidge·diag C + kFloor·median(diag C)·I + kTiny·I, where C has the raised variances.
constexpr double kRidge = 0.01;
constexpr double kFloor = 0.001;
constexpr double kTiny = 1e-12;

// A classifier is more confident on its training rows than on other rows. Judged by the variance on
// the training rows, the mean confidence on other rows would be drift. The standard deviation of
// the confidence is therefore taken as at least 0.1.
constexpr double kMinConfidenceVariance = 0.1 * 0.1;

// Values seen once or never in m rows may still occur. A component's variance is therefore at least
// that of three rows in m that are far away: at the clip for an input or an output value, in
// another class than all others for a class, two standard deviations of the most varying unit for a
// hidden unit. Otherwise rows with a rare category or a rarely active unit would be drift forever.
constexpr double kMinRows = 3.0;
constexpr double kRareDeviations = 2.0;

// A standard deviation below a millionth of the mean is rounding error.
constexpr double kMinSpread = 1e-12;

// The lower limit of each component's variance.
Eigen::VectorXd LeastVariances(TargetKind kind, const Eigen::VectorXd& variances, double rows) {
  const Eigen::Index half = variances.size() / 2;
  Eigen::VectorXd squares(variances.size());  // of the distance of a rare row
  if (kind == TargetKind::kClasses) {
    squares.setOnes();
    squares.tail(1).setZero();  // the confidence
  } else if (kind == TargetKind::kHidden) {
    constexpr double kRare = kRareDeviations * kRareDeviations;
    squares.head(half).setConstant(kRare * variances.head(half).maxCoeff());
    squares.tail(half).setConstant(kRare * variances.tail(half).maxCoeff());
  } else {
    constexpr double kClipped = kMaxDeviations * kMaxDeviations;
    squares.head(half).setConstant(kClipped);
    squares.tail(half).setConstant(kClipped * kClipped);
  }
  return kMinRows / rows * squares;
}

double MedianOf(const Eigen::VectorXd& values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(sorted.begin(), middle)) / 2.0;
}

// A of a covariance: the eigenvectors of B divided by the square roots of its eigenvalues. The last
// component's variance is taken as at least `least_of_last`.
Eigen::MatrixXd WhiteningOf(const Eigen::MatrixXd& covariance, double median,
                            double least_of_last) {
  Eigen::MatrixXd ridged = covariance;
  ridged.diagonal() += (kRidge * covariance.diagonal().array() + kFloor * median + kTiny).matrix();
  const Eigen::Index last = covariance.rows() - 1;
  ridged(last, last) += std::max(least_of_last - covariance(last, last), 0.0);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(ridged);
  const Eigen::VectorXd roots = solver.eigenvalues().cwiseMax(kTiny).cwiseSqrt();
  return solver.eigenvectors() * roots.cwiseInverse().asDiagonal();
}

}  // namespace

CovarianceSums::CovarianceSums(std::int64_t components, std::int64_t panel_units)
    : parts_(WhiteningPartsOf(components, panel_units)), sums_(Eigen::VectorXd::Zero(components)) {
  for (const WhiteningPart& part : parts_) {
    products_.emplace_back(Eigen::MatrixXd::Zero(part.size(), part.size()));
  }
}

void CovarianceSums::Add(const RowMatrix& w) {
  Eigen::MatrixXd deviations = w.cast<double>();
  if (rows_ == 0) {
    center_.resize(w.cols());
    for (Eigen::Index i = 0; i < w.cols(); ++i) {
      const Eigen::Array<bool, Eigen::Dynamic, 1> known = !w.col(i).array().isNaN();
      const auto count = static_cast<double>(known.count());
      center_[i] = count > 0 ? known.select(deviations.col(i).array(), 0.0).sum() / count : 0.0;
    }
  }
  deviations.rowwise() -= center_.transpose();
  deviations = deviations.array().isNaN().select(0.0, deviations);
  rows_ += w.rows();
  sums_ += deviations.colwise().sum().transpose();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const WhiteningPart& part = parts_[i];
    Eigen::MatrixXd part_deviations(w.rows(), part.size());
    part_deviations.leftCols(part.count) = deviations.middleCols(part.first, part.count);
    if (part.has_second) {
      part_deviations.rightCols(part.count) = deviations.middleCols(part.second, part.count);
    }
    products_[i].selfadjointView<Eigen::Lower>().rankUpdate(part_deviations.transpose());
  }
}

Eigen::VectorXd CovarianceSums::Mean() const {
  return center_ + sums_ / static_cast<double>(rows_);
}

Eigen::MatrixXd CovarianceSums::CovarianceOf(std::size_t part) const {
  const WhiteningPart& whitening_part = parts_[part];
  Eigen::VectorXd sums(whitening_part.size());
  for (std::int64_t i = 0; i < whitening_part.size(); ++i) {
    sums[i] = sums_[whitening_part.ComponentAt(i)];
  }
  const Eigen::MatrixXd products = products_[part].selfadjointView<Eigen::Lower>();
  const auto m = static_cast<double>(rows_);
  return (products - sums * sums.transpose() / m) / (m - 1.0);
}

Whitened CovarianceSums::Whiten(TargetBaseline& target) const {
  const Eigen::VectorXd mean = Mean();
  target.mean.assign(mean.begin(), mean.end());

  Eigen::VectorXd variances(mean.size());
  std::vector<Eigen::MatrixXd> covariances;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    covariances.push_back(CovarianceOf(i));
    for (std::int64_t k = 0; k < parts_[i].size(); ++k) {
      variances[parts_[i].ComponentAt(k)] = covariances.back()(k, k);
    }
  }
  Whitened made;
  const Eigen::ArrayXd spreads = variances.array() - kMinSpread * mean.array().square();
  made.hardly_varies = 2 * (spreads <= 0.0).count() > spreads.size();
  made.raises = (LeastVariances(target.kind, variances, static_cast<double>(rows_)) - variances)
                    .cwiseMax(0.0);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    for (std::int64_t k = 0; k < parts_[i].size(); ++k) {
      covariances[i](k, k) += made.raises[parts_[i].ComponentAt(k)];
    }
  }
  const double median = MedianOf(variances + made.raises);
  const double least_of_last = target.kind == TargetKind::kClasses ? kMinConfidenceVariance : 0.0;
  target.whitening.clear();
  for (const Eigen::MatrixXd& covariance : covariances) {
    const Eigen::MatrixXd a = WhiteningOf(covariance, median, least_of_last);
    const Eigen::MatrixXd whitened = a.transpose() * covariance * a;
    const Eigen::MatrixXd square = whitened * whitened;
    made.traces.first += whitened.trace();
    made.traces.second += square.trace();
    made.traces.third += square.cwiseProduct(whitened).sum();
    const RowMatrix rounded = a.cast<float>();
    target.whitening.insert(target.whitening.end(), rounded.data(),
                            rounded.data() + rounded.size());
  }
  return made;
}

double LevelOf(const PowerTraces& traces, std::int64_t rows, std::int64_t inverted) {
  const double kappa1 = traces.first;
  const double kappa2 = 2.0 * traces.second;
  const double kappa3 = 8.0 * traces.third;
  const double nu = 8.0 * kappa2 * kappa2 * kappa2 / (kappa3 * kappa3);
  const double beyond =
      std::sqrt(kappa2) * (ChiSquareQuantile(nu, kDriftQuantile) - nu) / std::sqrt(2.0 * nu);
  const auto m = static_cast<double>(rows);
  return (kappa1 + beyond) * m / std::max(m - static_cast<double>(inverted) - 1.0, 1.0);
}

}  // namespace mlp
