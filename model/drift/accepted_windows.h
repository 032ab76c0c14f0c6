// Windows of correlated traffic that an operator accepted as healthy: how far another window is
// from them, and from which distance on it is drift. Definitions: docs/reference/drift.md.

#ifndef MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_
#define MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

// The fewest and the most windows that may be accepted.
inline constexpr std::int64_t kMinAcceptedWindows = 50;
inline constexpr std::int64_t kMaxAcceptedWindows = 200;

// The accepted windows as the file stores them. T' = d'G⁻¹d, where d is a whitened window mean less
// `mean`, G = (1 − shrinkage)·S + shrinkage·scale·I is the Ledoit-Wolf covariance, and S is the
// covariance of the rows of `windows`.
struct AcceptedFigures {
  std::vector<float> windows;  // whitened means less `mean`, [count, p]
  std::vector<double> mean;    // of the whitened means, [p]
  double shrinkage = 1.0;
  double scale = 1.0;
  double level = 0.0;  // 99.9 % point of the gamma distribution fitted to T', held out in five
                       // folds
};

// Accepted windows of one target, which judge other windows. Immutable: the constructor computes
// the factor that inverts G.
class AcceptedWindows final {
 public:
  // REQUIRES: one window or more; shrinkage and scale above 0.
  explicit AcceptedWindows(AcceptedFigures figures);

  const AcceptedFigures& figures() const { return figures_; }
  std::int64_t count() const;

  // T' of `d`, [p]. Solves one triangular system, of size min(windows, components).
  double DistanceOf(const Eigen::VectorXd& d) const;

 private:
  bool has_fewer_windows() const {
    return count() < static_cast<std::int64_t>(figures_.mean.size());
  }

  const AcceptedFigures figures_;
  const double ridge_;   // shrinkage·scale
  const double weight_;  // (1 − shrinkage)/count

  // Factor of G = ridge_·I + weight_·XᵀX, where X are the windows. With fewer windows than
  // components, factor of ridge_·I + weight_·XXᵀ instead, from which Woodbury's identity inverts G.
  // Its memory is thus at most twice that of the windows, whatever a file contains.
  Eigen::LLT<Eigen::MatrixXd> factor_;
};

// Accepts windows of `target`, given as their Judgement::whitened in the order of time. Computes
// their mean, the covariance of Ledoit and Wolf (A well-conditioned estimator for large-dimensional
// covariance matrices, 2004), and the level: the 99.9 % point of the gamma distribution with the
// greatest likelihood for T', where each window is judged by the four folds that do not contain it.
//
// INVALID_ARGUMENT, with the count: fewer than kMinAcceptedWindows or more than
// kMaxAcceptedWindows windows; a window of another length or with a value that is not finite; all
// windows the same. Thread-safe.
absl::StatusOr<std::shared_ptr<const AcceptedWindows>> AcceptWindows(
    const TargetBaseline& target, absl::Span<const std::vector<float>> windows);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_
