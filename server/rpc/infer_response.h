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

// The results of the classification extension: an entry for each of a request's outputs, row by
// row; empty if the values themselves are asked for.
using Classes = std::vector<std::vector<std::string>>;

// Adds the classes of a request's next `rows` rows to `classes`, which must be empty before the
// first rows. `outputs` has an entry for each of the network's outputs: the evaluator's results for
// these rows. This takes long: see ClassesWorkPerRow.
void AddClasses(const ServedModel& model, const InferRequest& request, std::int64_t rows,
                absl::Span<const float* const> outputs, Classes& classes);

// The work of AddClasses for each row, in values that are read; 0 if no classes are asked for.
std::int64_t ClassesWorkPerRow(const ServedModel& model, const InferRequest& request);

// Fills `response`, which must be empty, with the answer to `request`. It is raw for a raw request,
// or if an output has no typed form; otherwise typed. `outputs` has an entry for each of the
// network's outputs: the evaluator's results for the request's rows. An entry is not read if
// classes are asked for. `classes` has those of all rows; it is empty if none are asked for. `id`
// is returned as sent.
void WriteInferResponse(const ServedModel& model, const InferRequest& request,
                        const std::string& id, absl::Span<const float* const> outputs,
                        const Classes& classes, inference::ModelInferResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_RESPONSE_H_
