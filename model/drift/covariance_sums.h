// Mean and covariances of a target's components, and what whitens them. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_
#define MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "model/drift/target_rows.h"
#include "model/drift/target_shape.h"
#include "model/drift/whitening.h"

namespace mlp {

// Traces of powers of AᵀCA: Σλ, Σλ² and Σλ³ of its eigenvalues.
struct PowerTraces {
  double first = 0.0;
  double second = 0.0;
  double third = 0.0;
};

// What whitening a target gives beside the target.
struct Whitened {
  PowerTraces traces;          // without the second and the third of a target of panels
  Eigen::VectorXd raises;      // what was added to the variance of each component, [p]
  bool hardly_varies = false;  // more than half of the components never varied
};

// Sums over rows in double, less the mean of the first ones, so that nothing cancels; of panels,
// the covariances within each alone.
class CovarianceSums final {
 public:
  CovarianceSums(std::int64_t components, std::int64_t panel_units);

  // Adds rows of w, [rows, p]. A NaN counts as the mean of the first rows given.
  void Add(const RowMatrix& w);

  std::int64_t rows() const { return rows_; }
  Eigen::VectorXd Mean() const;

  // Sets the mean and the whitening of `target`, whose kind is known. The traces are of AᵀCA with
  // the raised variances. REQUIRES: two rows or more.
  Whitened Whiten(TargetBaseline& target) const;

 private:
  Eigen::MatrixXd CovarianceOf(std::size_t part) const;

  std::vector<WhiteningPart> parts_;
  std::int64_t rows_ = 0;
  Eigen::VectorXd center_;                 // the mean of the first rows
  Eigen::VectorXd sums_;                   // of the deviations from it
  std::vector<Eigen::MatrixXd> products_;  // of those of each part; the lower triangle alone
};

// q of the traces: the 99.9 % point of Pearson's three-moment fit (Imhof 1961), times m/(m − s − 1)
// for m = `rows` and s = `inverted` components of one matrix, as C is not known but estimated.
double LevelOf(const PowerTraces& traces, std::int64_t rows, std::int64_t inverted);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_
