// Holds a version to its own test vector.

#ifndef MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_
#define MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_

#include "absl/status/status.h"
#include "model/evaluator/evaluator.h"
#include "model/weight_storage.h"
#include "server/repository/test_vector.h"

namespace mlp {

// By how much an answer may differ from the expected one, as a share of the greatest magnitude that
// is expected in its row, or of 1e-6 where that is less: what rounding does to weights that are
// kept as `storage`.
double TestVectorTolerance(WeightStorage storage);

// Evaluates `vector`, which was read for this network. INVALID_ARGUMENT, naming the output, the row
// and both values where they differ most, if an answer differs by more than the tolerance; NaN and
// infinity must be met exactly. Nothing of it is counted.
absl::Status CheckTestVector(const Evaluator& evaluator, const TestVector& vector);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_
