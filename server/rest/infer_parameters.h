// Reads the `parameters` of an inference request, or of one of its inputs or outputs.

#ifndef MLP_SERVER_REST_INFER_PARAMETERS_H_
#define MLP_SERVER_REST_INFER_PARAMETERS_H_

#include <google/protobuf/map.h>

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"
#include "server/rest/json_parser.h"
#include "server/rest/object_count.h"

namespace mlp {

using InferParameters = google::protobuf::Map<std::string, inference::InferParameter>;

// Takes the parameter called `key` and returns true if it is one of HTTP's own, which say how the
// body carries values. Returns false for all others, and an error to refuse the request.
using TakeHttpParameter = absl::FunctionRef<absl::StatusOr<bool>(
    const std::string& key, const inference::InferParameter& parameter)>;

// Offers each parameter in the object `value` to `own`, and puts those that it does not take into
// `parameters`. Errors: those of ReadJsonParameters, `own` and `objects`, which counts all
// parameters. `what`: what has the parameters, for messages.
absl::Status ReadInferParameters(absl::string_view what, simdjson::ondemand::value& value,
                                 TakeHttpParameter own, ObjectCount& objects,
                                 InferParameters& parameters);

}  // namespace mlp

#endif  // MLP_SERVER_REST_INFER_PARAMETERS_H_
