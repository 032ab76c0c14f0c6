// Reads one of the `inputs` of an inference request.

#ifndef MLP_SERVER_REST_INFER_INPUT_H_
#define MLP_SERVER_REST_INFER_INPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"
#include "server/rest/json_parser.h"
#include "server/rest/object_count.h"

namespace mlp {

// Fills `message` from `input`, and `raw` with its values; both must be empty. Values are in the
// member `data`, or in binary: then they are taken from the front of `binary`. `objects` counts the
// parameters. INVALID_ARGUMENT, saying what is wrong, if `input` is not an input; as JsonError if
// it cannot be read as JSON. Does not check that `raw` fits the shape if the values are in binary.
absl::Status ReadInferInput(simdjson::ondemand::object input, ObjectCount& objects,
                            absl::string_view& binary,
                            inference::ModelInferRequest::InferInputTensor& message,
                            std::string& raw);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_INPUT_H_
