// Whitening of a target's components, by one matrix or panel by panel. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_WHITENING_H_
#define MLP_MODEL_DRIFT_WHITENING_H_

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Targets with more units or values than kMaxUnitsWhole are whitened by panels of kPanelUnits.
inline constexpr std::int64_t kMaxUnitsWhole = 128;
inline constexpr std::int64_t kPanelUnits = 32;

// The components of w that one matrix whitens: [first, first + count) and, for a panel, as many
// from `second` on. The matrix starts at `offset` in TargetBaseline::whitening.
struct WhiteningPart {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t second = 0;
  bool has_second = false;
  std::int64_t offset = 0;

  // Rows and columns of the matrix.
  std::int64_t size() const { return has_second ? 2 * count : count; }

  // The index into w of component `i` in [0, size()).
  std::int64_t ComponentAt(std::int64_t i) const {
    return i < count ? first + i : second + i - count;
  }
};

// The parts of a target of `components` components; `panel_units` is as in TargetBaseline.
std::vector<WhiteningPart> WhiteningPartsOf(std::int64_t components, std::int64_t panel_units);

// The size of TargetBaseline::whitening.
std::int64_t WhiteningFloats(std::int64_t components, std::int64_t panel_units);

// Aᵀ d, [p], in the order of d, [p].
Eigen::VectorXd Whiten(const TargetBaseline& target, absl::Span<const double> d);

// AᵀDA x for each column of x, [p, columns], where `d` is the diagonal of D.
Eigen::MatrixXd TimesWhitenedDiagonal(const TargetBaseline& target, const Eigen::VectorXd& d,
                                      const Eigen::MatrixXd& x);

// Aᵀ(w − μ) for each row of w, [rows, p]; a NaN counts as the mean.
RowMatrix WhitenRows(const TargetBaseline& target, const RowMatrix& w);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_WHITENING_H_
