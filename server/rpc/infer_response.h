// Writes a ModelInferResponse from an evaluated batch.

#ifndef MLP_SERVER_RPC_INFER_RESPONSE_H_
#define MLP_SERVER_RPC_INFER_RESPONSE_H_

#include <cstdint>

#include "proto/open_inference.pb.h"
#include "server/batching/batch.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/model_table.h"

namespace mlp {

// Fills `response`, which is empty, with the answer to `request`, whose rows stand in `batch` from
// `first_row` on; raw to a raw request and typed to a typed one. `id` is returned as sent.
void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, const Batch& batch, std::int64_t first_row,
                        inference::ModelInferResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_RESPONSE_H_
