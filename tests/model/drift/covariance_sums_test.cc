#include "model/drift/covariance_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mlp {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

struct RaiseCase {
  const char* name;
  TargetKind kind;
  std::vector<double> raises;
};

// 300 rows of 6 components. In the first half they are ±1, 0, 0; in the second half 0 or 2, 0, and
// 0 but for one row with 1.
TEST(CovarianceSumsTest, RaiseVariancesToThoseOfThreeRows) {
  constexpr Eigen::Index kRows = 300;
  RowMatrix w = RowMatrix::Zero(kRows, 6);
  for (Eigen::Index row = 0; row < kRows; ++row) {
    w(row, 0) = row % 2 == 0 ? 1.0F : -1.0F;
    w(row, 3) = row % 3 == 0 ? 2.0F : 0.0F;
  }
  w(7, 5) = 1.0F;
  const double last_variance = 1.0 / 300;      // the variance of the last
  const double of_first = 4 * 300.0 / 299;     // two deviations of the first, squared
  const double of_fourth = 4 * 800.0 / 897.0;  // of the fourth: 4 · 1/3 · 2/3 · 300/299
  const double rows = 3.0 / 300;
  for (const RaiseCase& raise_case :
       {RaiseCase{"inputs",
                  TargetKind::kInputs,
                  {0, rows * 16, rows * 16, rows * 256 - 800.0 / 897, rows * 256,
                   rows * 256 - last_variance}},
        {"values",
         TargetKind::kValues,
         {0, rows * 16, rows * 16, rows * 256 - 800.0 / 897, rows * 256,
          rows * 256 - last_variance}},
        {"hidden",
         TargetKind::kHidden,
         {0, rows * of_first, rows * of_first, 0, rows * of_fourth,
          rows * of_fourth - last_variance}},
        {"classes", TargetKind::kClasses, {0, rows, rows, 0, rows, 0}}}) {
    CovarianceSums sums(6, 0);
    sums.Add(w);
    TargetBaseline target;
    target.kind = raise_case.kind;
    target.components = 6;
    const Whitened whitened = sums.Whiten(target);
    EXPECT_THAT(std::vector<double>(whitened.raises.begin(), whitened.raises.end()),
                Pointwise(DoubleNear(1e-9), raise_case.raises))
        << raise_case.name;
  }
}

TEST(CovarianceSumsTest, ReportThatMoreThanHalfNeverVary) {
  RowMatrix w = RowMatrix::Constant(100, 4, 0.1F);
  for (Eigen::Index row = 0; row < 100; row += 2) w(row, 1) = w(row, 2) = 0.2F;
  for (const bool is_one_less : {false, true}) {
    if (is_one_less) w.col(2).setConstant(0.1F);
    CovarianceSums sums(4, 0);
    sums.Add(w);
    TargetBaseline target;
    target.components = 4;
    EXPECT_EQ(sums.Whiten(target).hardly_varies, is_one_less);
  }
}

}  // namespace
}  // namespace mlp
