// Windows of correlated traffic that an operator accepted as healthy: how far another one is from
// them, and how far is too far. Definitions: docs/drift.md.

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
inline constexpr std::int64_t kFewestAcceptedWindows = 50;
inline constexpr std::int64_t kMostAcceptedWindows = 200;

// What the file has of accepted windows. T' = d'G⁻¹d with d a whitened window mean less `mean`, and
// G = (1 − shrinkage)·S + shrinkage·scale·I the Ledoit-Wolf covariance, with S of the rows of
// `windows`.
struct AcceptedFigures {
  std::vector<float> windows;  // whitened means less `mean`, [count, p]
  std::vector<double> mean;    // of the whitened means, [p]
  double shrinkage = 1.0;
  double scale = 1.0;
  double level = 0.0;  // 99.9 % of the gamma distribution fitted to T' held out in five folds
};

// Windows of one target that judge others. Immutable: what it takes to invert G is computed once,
// when it is made.
class AcceptedWindows final {
 public:
  // REQUIRES: one window or more; shrinkage and scale above 0.
  explicit AcceptedWindows(AcceptedFigures figures);

  const AcceptedFigures& figures() const { return figures_; }
  std::int64_t count() const;

  // T' of `d`, [p]. Solves one triangle, of as many rows as there are windows or components.
  double DistanceOf(const Eigen::VectorXd& d) const;

 private:
  bool has_fewer_windows() const {
    return count() < static_cast<std::int64_t>(figures_.mean.size());
  }

  const AcceptedFigures figures_;
  const double ridge_;   // shrinkage·scale
  const double weight_;  // (1 − shrinkage)/count

  // Of G = ridge_·I + weight_·XᵀX, X the windows, or where there are fewer of them than components
  // of ridge_·I + weight_·XXᵀ, by which Woodbury's identity inverts G. So it takes no more memory
  // than the windows, twice, whatever a file has.
  Eigen::LLT<Eigen::MatrixXd> factor_;
};

// Accepts the windows whose Judgement::whitened these are, of `target`, in the order of time: their
// mean, the covariance of Ledoit and Wolf (A well-conditioned estimator for large-dimensional
// covariance matrices, 2004), and as level the 99.9 % point of the gamma distribution that fits T'
// best by likelihood, each window judged by the four fifths of all that it is not in.
// INVALID_ARGUMENT, with the count, for fewer than kFewestAcceptedWindows or more than
// kMostAcceptedWindows, for one of another length or with a value that is not finite, and for
// windows that are all the same. Thread-safe.
absl::StatusOr<std::shared_ptr<const AcceptedWindows>> AcceptWindows(
    const TargetBaseline& target, absl::Span<const std::vector<float>> windows);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_
