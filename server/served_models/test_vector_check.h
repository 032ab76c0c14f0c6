// Checks a version against its own test vector.

#ifndef MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_
#define MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_

#include "absl/status/status.h"
#include "model/evaluator/evaluator.h"
#include "model/weight_storage.h"
#include "server/repository/test_vector.h"

namespace mlp {

// How much an answer may differ from the expected one, as a share of the greatest magnitude
// expected in its row, or of 1e-6 if that is greater. Allows for the rounding of weights kept as
// `storage`.
double TestVectorTolerance(WeightStorage storage);

// Evaluates `vector`, which must have been read for this network. INVALID_ARGUMENT if an answer
// differs by more than the tolerance; the message names the output, the row and both values where
// they differ most. NaN and infinity must match exactly. Nothing of this is counted.
absl::Status CheckTestVector(const Evaluator& evaluator, const TestVector& vector);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_TEST_VECTOR_CHECK_H_
