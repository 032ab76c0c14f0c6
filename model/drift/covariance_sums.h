// Computes the mean and the covariances of a target's components, and its whitening. Internal to
// model/drift.

#ifndef MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_
#define MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "model/drift/target_rows.h"
#include "model/drift/target_shape.h"
#include "model/drift/whitening.h"

namespace mlp {

// Traces of the powers of AᵀCA: Σλ, Σλ² and Σλ³ of its eigenvalues.
struct PowerTraces {
  double first = 0.0;
  double second = 0.0;
  double third = 0.0;
};

// Results of whitening that are not part of the target.
struct Whitened {
  PowerTraces traces;          // with panels: the second and the third are only partial
  Eigen::VectorXd raises;      // added to the variance of each component, [p]
  bool hardly_varies = false;  // more than half of the components never varied
};

// Sums over rows, in double and relative to the mean of the first rows, to avoid cancellation. With
// panels, only the covariances within each panel.
class CovarianceSums final {
 public:
  CovarianceSums(std::int64_t components, std::int64_t panel_units);

  // Adds rows of w, [rows, p]. A NaN counts as the mean of the first rows.
  void Add(const RowMatrix& w);

  std::int64_t rows() const { return rows_; }
  Eigen::VectorXd Mean() const;

  // Sets the mean and the whitening of `target`, whose kind must be set. The traces are those of
  // AᵀCA with the raised variances. REQUIRES: at least two rows.
  Whitened Whiten(TargetBaseline& target) const;

 private:
  Eigen::MatrixXd CovarianceOf(std::size_t part) const;

  std::vector<WhiteningPart> parts_;
  std::int64_t rows_ = 0;
  Eigen::VectorXd center_;                 // the mean of the first rows
  Eigen::VectorXd sums_;                   // of the deviations from the center
  std::vector<Eigen::MatrixXd> products_;  // of the deviations, for each part; only the lower
                                           // triangle
};

// q, from the traces: the 99.9 % point of Pearson's three-moment fit (Imhof 1961), times
// m/(m − s − 1) because C is only estimated. m is `rows`, and s is `inverted`, the components of
// one matrix.
double LevelOf(const PowerTraces& traces, std::int64_t rows, std::int64_t inverted);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_COVARIANCE_SUMS_H_
