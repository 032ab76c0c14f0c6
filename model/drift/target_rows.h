// Computes the components w of each target, row by row. Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_TARGET_ROWS_H_
#define MLP_MODEL_DRIFT_TARGET_ROWS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/drift/baseline.h"
#include "model/drift/output_form.h"
#include "model/drift/target_shape.h"
#include "model/drift/whitening.h"
#include "model/evaluator/evaluator.h"

namespace mlp {

// Evaluates rows and computes their components. Not thread-safe. All constructor arguments must
// outlive it.
class TargetRows final {
 public:
  using Inputs = absl::Span<const float* const>;  // one for each of the network's inputs, row-major

  // REQUIRES: the inputs, values and classes of `baseline` are set.
  TargetRows(const Evaluator& evaluator, const OutputForm& form, const Baseline& baseline,
             absl::Span<const TargetShape> targets, Inputs inputs);

  // The components, [rows, p], of `rows` rows from `first` on, for the targets set in `wanted`.
  // Components that count as their reference mean are NaN. Valid until the next call.
  const std::vector<RowMatrix>& Take(std::int64_t first, std::int64_t rows,
                                     const std::vector<bool>& wanted);

 private:
  void TakeInputs(std::int64_t first, std::int64_t rows, RowMatrix& w) const;
  void TakeLayer(std::size_t target, std::int64_t first_row, std::int64_t rows, const float* z,
                 const float* a);
  void TakeClasses(std::int64_t rows, RowMatrix& w) const;
  void TakeValues(std::int64_t rows, RowMatrix& w) const;

  const Evaluator& evaluator_;
  const OutputForm& form_;
  const Baseline& baseline_;
  absl::Span<const TargetShape> targets_;
  Inputs inputs_;
  Evaluator::Workspace workspace_;
  std::vector<std::vector<float>> outputs_;
  std::vector<std::size_t> target_of_layer_;  // the number of targets if the layer is not a target
  std::vector<float> slopes_;
  std::vector<RowMatrix> w_;
};

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_TARGET_ROWS_H_
