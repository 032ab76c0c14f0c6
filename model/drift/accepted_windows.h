// Windows of correlated traffic that an operator accepted as healthy: how far another one is from
// them, and how far is too far. Definitions: docs/drift.md.

#ifndef MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_
#define MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

// The fewest windows that may be accepted.
inline constexpr std::int64_t kFewestAcceptedWindows = 50;

// Accepts the windows whose Judgement::whitened these are, of `target`, in the order of time: their
// mean, the covariance of Ledoit and Wolf (A well-conditioned estimator for large-dimensional
// covariance matrices, 2004), and as level the 99.9 % point of the gamma distribution that fits T'
// best by likelihood, each window judged by the four fifths of all that it is not in.
// INVALID_ARGUMENT, with the count, for fewer than kFewestAcceptedWindows, for one of another
// length or with a value that is not finite, and for windows that are all the same. Thread-safe.
absl::StatusOr<AcceptedWindows> AcceptWindows(const TargetBaseline& target,
                                              absl::Span<const std::vector<float>> windows);

// T' of windows. Immutable; holds what it needs of the accepted ones but their rows, which must
// outlive it.
class AcceptedDistance final {
 public:
  // REQUIRES: shrinkage and scale above 0.
  explicit AcceptedDistance(const AcceptedWindows& accepted);

  // d'G⁻¹d of `d`, [p]: a whitened mean less `mean`. By Woodbury's identity, so that a matrix of
  // the windows' number is solved and none of the components'.
  double Of(const Eigen::VectorXd& d) const;

 private:
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  Eigen::Map<const Matrix> windows_;  // [count, p]
  double ridge_;                      // shrinkage·scale
  double weight_;                     // (1 − shrinkage)/count
  Eigen::LLT<Eigen::MatrixXd> inner_;
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_ACCEPTED_WINDOWS_H_
