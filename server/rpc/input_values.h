// Finds the values of one input in a ModelInferRequest, in whichever form they are.

#ifndef MLP_SERVER_RPC_INPUT_VALUES_H_
#define MLP_SERVER_RPC_INPUT_VALUES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "model/network.h"
#include "proto/open_inference.pb.h"
#include "server/batching/batch.h"

namespace mlp {

// The `count` values of message.inputs(index), which is for `spec`: raw if the message has raw
// contents, otherwise typed. INVALID_ARGUMENT, with the input, for values of another count or
// datatype, in both forms, or out of the datatype's range.
absl::StatusOr<InputValues> FindInputValues(const inference::ModelInferRequest& message, int index,
                                            const TensorSpec& spec, std::int64_t count);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INPUT_VALUES_H_
