// Refuses requests whose values name entries that a model's tables do not have.

#ifndef MLP_SERVER_RPC_RANGE_CHECK_H_
#define MLP_SERVER_RPC_RANGE_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/batching/batch.h"
#include "server/served_models/served_model.h"

namespace mlp {

// INVALID_ARGUMENT, naming the row, the input and what is taken, for the first value of `inputs`
// that is outside of the model's input ranges. `inputs` has `rows` rows of each of its inputs.
absl::Status CheckInputRanges(const ServedModel& model, std::int64_t rows,
                              absl::Span<const InputValues> inputs);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_RANGE_CHECK_H_
