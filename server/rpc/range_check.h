// Refuses requests whose values name entries that are not in a model's tables.

#ifndef MLP_SERVER_RPC_RANGE_CHECK_H_
#define MLP_SERVER_RPC_RANGE_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/batching/batch.h"
#include "server/served_models/served_model.h"

namespace mlp {

// INVALID_ARGUMENT, with the row, the input and what is expected, for the first value of `inputs`
// that is outside the model's input ranges. `inputs` has `rows` rows of each of the model's inputs.
absl::Status CheckInputRanges(const ServedModel& model, std::int64_t rows,
                              absl::Span<const InputValues> inputs);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_RANGE_CHECK_H_
