// Computes Σλ² and Σλ³ of AᵀCA for a target that is whitened by panels, whose p² covariances have
// not been summed. Internal to model/drift.

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

// Up to this many components, the traces are exact: the matrix takes 16 MiB, and each row costs 4
// million multiply-adds.
inline constexpr std::int64_t kMaxExactComponents = 2048;

// Calls `take` with all whitened rows Aᵀ(w − μ), [rows, p], in chunks; the same rows on each call.
using ForEachWhitened =
    absl::FunctionRef<absl::Status(absl::FunctionRef<void(const RowMatrix&)> take)>;

// AᵀDA x for each column of x, [p, columns]: the share of the raised variances, D, in M.
using TimesRaises = absl::FunctionRef<Eigen::MatrixXd(const Eigen::MatrixXd& x)>;

// Sets the second and the third trace; the first is known. M = AᵀCA, where C has the raised
// variances.
//
// Up to `most_exact` components p, takes one pass over the rows and computes M. Beyond that, takes
// two passes with 64 random directions each (fixed seed). Multiplied by M, the first directions
// span a space with M's greatest eigenvalues, in which M is computed exactly. For the rest, the
// first trace is known, the second is estimated from 64 more directions (Hutchinson 1990; the whole
// method is Hutch++ of Meyer, Musco, Musco and Woodruff 2021), and the third assumes that the
// remaining eigenvalues are equal. Returns the errors of `for_each`.
absl::Status CompleteTraces(std::int64_t components, std::int64_t rows, ForEachWhitened for_each,
                            TimesRaises times_raises, PowerTraces& traces,
                            std::int64_t most_exact = kMaxExactComponents);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_POWER_TRACES_H_
