// Writes a ModelInferResponse from an evaluated batch.

#ifndef MLP_SERVER_RPC_INFER_RESPONSE_H_
#define MLP_SERVER_RPC_INFER_RESPONSE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "proto/open_inference.pb.h"
#include "server/rpc/infer_request.h"
#include "server/served_models/model_table.h"

namespace mlp {

// What the classification extension says: an entry for each of a request's outputs, row by row; an
// empty one where the values themselves are asked for.
using Classes = std::vector<std::vector<std::string>>;

// Adds to `classes`, which is empty before a request's first rows, what is said of its next `rows`
// rows. `outputs` has an entry for each of the network's outputs, at what the evaluator gave for
// these rows. It takes long: ClassesWorkPerRow.
void AddClasses(const ServedModel& model, const InferRequest& request, std::int64_t rows,
                absl::Span<const float* const> outputs, Classes& classes);

// What AddClasses takes for each row, in values that are looked at; 0 where no classes are asked
// for.
std::int64_t ClassesWorkPerRow(const ServedModel& model, const InferRequest& request);

// Fills `response`, which is empty, with the answer to `request`, raw to a raw request and typed to
// a typed one. `outputs` has an entry for each of the network's outputs, at what the evaluator gave
// for the request's rows; it is not read where classes are asked for. `classes` holds those of all
// rows; it is empty where none are asked for. `id` is returned as sent.
void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, absl::Span<const float* const> outputs,
                        const Classes& classes, inference::ModelInferResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_RESPONSE_H_
