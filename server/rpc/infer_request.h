// Reads a ModelInferRequest: checks all of it against the model, and finds the rows in it.

#ifndef MLP_SERVER_RPC_INFER_REQUEST_H_
#define MLP_SERVER_RPC_INFER_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/rpc/model_table.h"

namespace mlp {

struct InferRequest {
  std::int64_t rows = 0;
  const void* values = nullptr;      // FP32, [rows, input width], in the message; any alignment
  bool raw = false;                  // whether the answer has to be raw too
  std::vector<std::size_t> outputs;  // indices into the network's outputs, in the answer's order
};

// Fills `request` from `message`, which must outlive it. INVALID_ARGUMENT, naming what is wrong,
// its value and what was expected, for everything that does not fit `model`.
absl::Status ReadInferRequest(const inference::ModelInferRequest& message, const ServedModel& model,
                              InferRequest& request);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_REQUEST_H_
