// Writes a ModelInferResponse from an evaluated batch.

#ifndef MLP_SERVER_RPC_INFER_RESPONSE_H_
#define MLP_SERVER_RPC_INFER_RESPONSE_H_

#include <string>

#include "absl/types/span.h"
#include "proto/open_inference.pb.h"
#include "server/models/model_table.h"
#include "server/rpc/infer_request.h"

namespace mlp {

// Fills `response`, which is empty, with the answer to `request`, raw to a raw request and typed to
// a typed one: `outputs` has an entry for each of the network's outputs, at what the evaluator gave
// for the request's rows. `id` is returned as sent.
void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, absl::Span<const float* const> outputs,
                        inference::ModelInferResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_RESPONSE_H_
