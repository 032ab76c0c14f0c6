#include "model/drift/power_traces.h"

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <random>

namespace mlp {
namespace {

constexpr std::int64_t kDirections = 64;

// Columns of M that are multiplied together.
constexpr Eigen::Index kColumns = 256;

absl::Status TakeExactTraces(std::int64_t components, double degrees, ForEachWhitened for_each,
                             TimesRaises times_raises, PowerTraces& traces) {
  Eigen::MatrixXf products = Eigen::MatrixXf::Zero(components, components);
  absl::Status status = for_each([&](const RowMatrix& y) {
    products.selfadjointView<Eigen::Lower>().rankUpdate(y.transpose());
  });
  if (!status.ok()) return status;
  products /= static_cast<float>(degrees);
  products.triangularView<Eigen::StrictlyUpper>() = products.transpose();
  for (Eigen::Index first = 0; first < components; first += kColumns) {
    const Eigen::Index columns = std::min<Eigen::Index>(kColumns, components - first);
    Eigen::MatrixXd units = Eigen::MatrixXd::Zero(components, columns);
    units.middleRows(first, columns).setIdentity();
    products.middleCols(first, columns) += times_raises(units).cast<float>();
  }
  traces.second = products.cast<double>().squaredNorm();
  traces.third = 0.0;
  for (Eigen::Index first = 0; first < components; first += kColumns) {
    const Eigen::Index columns = std::min<Eigen::Index>(kColumns, components - first);
    const auto block = products.middleCols(first, columns);
    const Eigen::MatrixXf squares = products * block;
    traces.third += squares.cast<double>().cwiseProduct(block.cast<double>()).sum();
  }
  return absl::OkStatus();
}

// M times each column of `directions`.
absl::StatusOr<Eigen::MatrixXd> Multiplied(const Eigen::MatrixXd& directions, double degrees,
                                           ForEachWhitened for_each, TimesRaises times_raises) {
  const Eigen::MatrixXf narrow = directions.cast<float>();
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(directions.rows(), directions.cols());
  absl::Status status = for_each([&](const RowMatrix& y) {
    const Eigen::MatrixXf along = y * narrow;
    const Eigen::MatrixXf products = y.transpose() * along;
    sums += products.cast<double>();
  });
  if (!status.ok()) return status;
  return sums / degrees + times_raises(directions);
}

Eigen::MatrixXd RandomSigns(std::int64_t rows, std::mt19937& random) {
  Eigen::MatrixXd signs(rows, kDirections);
  for (double& sign : signs.reshaped()) sign = (random() & 1U) != 0 ? 1.0 : -1.0;
  return signs;
}

absl::Status EstimateTraces(std::int64_t components, double degrees, ForEachWhitened for_each,
                            TimesRaises times_raises, PowerTraces& traces) {
  std::mt19937 random(1);
  const auto sketch = Multiplied(RandomSigns(components, random), degrees, for_each, times_raises);
  if (!sketch.ok()) return sketch.status();
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(*sketch).householderQ() *
                            Eigen::MatrixXd::Identity(components, kDirections);
  Eigen::MatrixXd directions(components, 2 * kDirections);
  directions.leftCols(kDirections) = q;
  const Eigen::MatrixXd signs = RandomSigns(components, random);
  directions.rightCols(kDirections) = signs - q * (q.transpose() * signs);
  const auto multiplied = Multiplied(directions, degrees, for_each, times_raises);
  if (!multiplied.ok()) return multiplied.status();

  // M = [T B; Bᵀ R] in a basis that starts with q.
  const auto mq = multiplied->leftCols(kDirections);
  const Eigen::MatrixXd t = q.transpose() * mq;
  const Eigen::MatrixXd bb = mq.transpose() * mq - t * t;
  const auto mg = multiplied->rightCols(kDirections);
  const double r2 =
      (mg - q * (q.transpose() * mg)).squaredNorm() / static_cast<double>(kDirections);
  const double r1 = std::max(traces.first - t.trace(), 1e-12);
  traces.second = t.squaredNorm() + 2.0 * bb.trace() + r2;
  traces.third = (t * t * t).trace() + 3.0 * (t * bb).trace() + r2 * r2 / r1;
  return absl::OkStatus();
}

}  // namespace

absl::Status CompleteTraces(std::int64_t components, std::int64_t rows, ForEachWhitened for_each,
                            TimesRaises times_raises, PowerTraces& traces,
                            std::int64_t most_exact) {
  const auto degrees = static_cast<double>(rows - 1);
  if (components <= most_exact) {
    return TakeExactTraces(components, degrees, for_each, times_raises, traces);
  }
  return EstimateTraces(components, degrees, for_each, times_raises, traces);
}

}  // namespace mlp
