// How a target's components are whitened: by one matrix, or panel by panel. Internal to
// model/drift.

#ifndef MLP_MODEL_DRIFT_WHITENING_H_
#define MLP_MODEL_DRIFT_WHITENING_H_

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"

namespace mlp {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Targets of more units or values than this are whitened by panels of so many.
inline constexpr std::int64_t kMostUnitsWhole = 128;
inline constexpr std::int64_t kPanelUnits = 32;

// Components of w that one matrix whitens: [first, first + count) and, of a panel, as many from
// `second` on. Its matrix begins at `offset` of TargetBaseline::whitening.
struct WhiteningPart {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t second = 0;
  bool has_second = false;
  std::int64_t offset = 0;

  // Rows and columns of the matrix.
  std::int64_t size() const { return has_second ? 2 * count : count; }

  // The index into w of the component `i` in [0, size()).
  std::int64_t ComponentAt(std::int64_t i) const {
    return i < count ? first + i : second + i - count;
  }
};

// The parts of a target of `components` components; `panel_units` as TargetBaseline has it.
std::vector<WhiteningPart> WhiteningPartsOf(std::int64_t components, std::int64_t panel_units);

// The floats of TargetBaseline::whitening.
std::int64_t WhiteningFloats(std::int64_t components, std::int64_t panel_units);

// Aᵀ d, [p], each component where d, [p], has it.
Eigen::VectorXd Whiten(const TargetBaseline& target, absl::Span<const double> d);

// AᵀDA x of each column of x, [p, columns], with the diagonal `d` of D.
Eigen::MatrixXd TimesWhitenedDiagonal(const TargetBaseline& target, const Eigen::VectorXd& d,
                                      const Eigen::MatrixXd& x);

// Aᵀ(w − μ) of each row of w, [rows, p], in which a NaN counts as the mean.
RowMatrix WhitenRows(const TargetBaseline& target, const RowMatrix& w);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_WHITENING_H_
