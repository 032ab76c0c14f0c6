// Σλ² and Σλ³ of AᵀCA where panels whiten it, so that its p² values have been seen by nobody yet.
// Internal to model/drift.

#ifndef MLP_MODEL_DRIFT_POWER_TRACES_H_
#define MLP_MODEL_DRIFT_POWER_TRACES_H_

#include <Eigen/Core>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/drift/covariance_sums.h"
#include "model/drift/target_rows.h"

namespace mlp {

// Up to so many components the traces are exact: the matrix has 16 MiB, and each row costs 4
// million multiply-adds.
inline constexpr std::int64_t kMostExactComponents = 2048;

// Calls `take` with all whitened rows Aᵀ(w − μ), [rows, p], some at a time; the same ones each
// time.
using ForEachWhitened =
    absl::FunctionRef<absl::Status(absl::FunctionRef<void(const RowMatrix&)> take)>;

// AᵀDA x of each column of x, [p, columns]: what raised variances, D, add to M.
using TimesRaises = absl::FunctionRef<Eigen::MatrixXd(const Eigen::MatrixXd& x)>;

// Sets the second and the third trace; the first is known. One pass over the rows for p
// `components` up to `most_exact`, and M = AᵀCA whole, C with the raised variances.
//
// Beyond, two passes, with 64 random directions each (of a fixed seed): M on the space where they
// end up after one product with M, which has M's greatest eigenvalues, is taken exactly; of the
// rest, the first trace is known, the second estimated by 64 more directions (Hutchinson 1990; the
// whole is Hutch++ of Meyer, Musco, Musco and Woodruff 2021), and the third taken as if the
// eigenvalues that are left were all the same. Returns the errors of `for_each`.
absl::Status CompleteTraces(std::int64_t components, std::int64_t rows, ForEachWhitened for_each,
                            TimesRaises times_raises, PowerTraces& traces,
                            std::int64_t most_exact = kMostExactComponents);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_POWER_TRACES_H_
