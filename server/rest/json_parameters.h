// Reads the protocol's `parameters` from JSON.

#ifndef MLP_SERVER_REST_JSON_PARAMETERS_H_
#define MLP_SERVER_REST_JSON_PARAMETERS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"
#include "server/rest/json_parser.h"

namespace mlp {

// Calls `take` for each parameter in the object `value`: a string, true or false, or a number. A
// whole number becomes an int64_param, or a uint64_param if it is too large for that; any other
// number, a double_param. Returns the error of `take`, or INVALID_ARGUMENT for other values and for
// a name that appears twice. `what`: what has the parameters, for messages.
absl::Status ReadJsonParameters(
    absl::string_view what, simdjson::ondemand::value& value,
    const std::function<absl::Status(std::string, inference::InferParameter)>& take);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_PARAMETERS_H_
