// Reads a ModelInferRequest: checks all of it against the model, and finds its rows.

#ifndef MLP_SERVER_RPC_INFER_REQUEST_H_
#define MLP_SERVER_RPC_INFER_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/batching/batch.h"
#include "server/served_models/model_table.h"

namespace mlp {

struct RequestedOutput {
  std::size_t index = 0;        // into the network's outputs
  std::int64_t best_units = 0;  // 0 for the values themselves, k for the k greatest and their names
};

struct InferRequest {
  std::int64_t rows = 0;            // 0 is answered with no rows
  std::vector<InputValues> inputs;  // one for each of the network's, in the message or `words`
  std::vector<std::vector<float>> words;  // for each BYTES input, its strings' positions
  bool raw = false;                       // whether the answer must be raw too
  std::vector<RequestedOutput> outputs;   // in the answer's order
  std::int64_t answer_bytes = 0;          // an upper bound (answer_size.h)
};

// Fills `request` from `message`, which must outlive it. INVALID_ARGUMENT, with what is wrong, its
// value and what was expected, for anything that does not fit `model`, and for an answer that would
// be too large (answer_size.h).
absl::Status ReadInferRequest(const inference::ModelInferRequest& message, const ServedModel& model,
                              InferRequest& request);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_REQUEST_H_
