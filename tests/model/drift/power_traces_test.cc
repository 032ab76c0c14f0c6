#include "model/drift/power_traces.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

constexpr std::int64_t kComponents = 150;
constexpr std::int64_t kTracedRows = 1000;

// Rows that vary much more in some directions than in the rest, as a layer's whitened panels do.
RowMatrix CorrelatedRows() {
  RowGenerator generator(3);
  const std::vector<float> x = generator.Rows(kTracedRows, kComponents);
  RowMatrix rows = Eigen::Map<const RowMatrix>(x.data(), kTracedRows, kComponents);
  for (int common = 0; common < 3; ++common) {
    const Eigen::VectorXf column = rows.col(common);
    for (Eigen::Index i = 0; i < kComponents; ++i) {
      if ((i >> common & 1) != 0) rows.col(i) += column;
    }
  }
  return rows;
}

// The product of x with the matrix that is added: diagonal, and non-zero at every seventh place.
Eigen::MatrixXd TimesDiagonal(const Eigen::MatrixXd& x) {
  Eigen::MatrixXd product = Eigen::MatrixXd::Zero(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < x.rows(); i += 7) product.row(i) = 5.0 * x.row(i);
  return product;
}

TEST(PowerTracesTest, EqualThePowerSumsOfTheEigenvalues) {
  const RowMatrix rows = CorrelatedRows();
  const Eigen::MatrixXd wide = rows.cast<double>();
  const Eigen::MatrixXd whole = wide.transpose() * wide / (kTracedRows - 1.0) +
                                TimesDiagonal(Eigen::MatrixXd::Identity(kComponents, kComponents));
  const Eigen::VectorXd eigenvalues =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(whole, Eigen::EigenvaluesOnly).eigenvalues();
  const auto for_each = [&](absl::FunctionRef<void(const RowMatrix&)> take) {
    take(rows.topRows(300));
    take(rows.bottomRows(kTracedRows - 300));
    return absl::OkStatus();
  };
  const double second = eigenvalues.squaredNorm();
  const double third = eigenvalues.array().cube().sum();

  PowerTraces exact{eigenvalues.sum(), 0.0, 0.0};
  ASSERT_TRUE(CompleteTraces(kComponents, kTracedRows, for_each, TimesDiagonal, exact).ok());
  EXPECT_NEAR(exact.second, second, 1e-5 * second);
  EXPECT_NEAR(exact.third, third, 1e-5 * third);

  PowerTraces estimated{eigenvalues.sum(), 0.0, 0.0};
  ASSERT_TRUE(
      CompleteTraces(kComponents, kTracedRows, for_each, TimesDiagonal, estimated, kComponents - 1)
          .ok());
  EXPECT_NEAR(estimated.second, second, 0.02 * second);
  EXPECT_NEAR(estimated.third, third, 0.02 * third);
}

TEST(PowerTracesTest, PropagateErrors) {
  const auto for_each = [](absl::FunctionRef<void(const RowMatrix&)> /*take*/) {
    return absl::CancelledError("enough");
  };
  PowerTraces traces;
  EXPECT_EQ(CompleteTraces(4, 10, for_each, TimesDiagonal, traces).code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(CompleteTraces(4, 10, for_each, TimesDiagonal, traces, 3).code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace mlp
