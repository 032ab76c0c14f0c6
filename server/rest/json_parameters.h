// Reads the `parameters` of the protocol in JSON.

#ifndef MLP_SERVER_REST_JSON_PARAMETERS_H_
#define MLP_SERVER_REST_JSON_PARAMETERS_H_

#include <google/protobuf/map.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/open_inference.pb.h"
#include "server/rest/json_parser.h"

namespace mlp {

using InferParameters = google::protobuf::Map<std::string, inference::InferParameter>;

// Calls `take` for each parameter of the object `value`: a text, true or false, or a number, which
// is an int64_param or, beyond that, a uint64_param if it is whole. What `take` refuses is
// returned; INVALID_ARGUMENT for other values and for a name that comes twice. `what` has them, for
// messages.
absl::Status ReadJsonParameters(
    absl::string_view what, simdjson::ondemand::value& value,
    const std::function<absl::Status(std::string, inference::InferParameter)>& take);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_PARAMETERS_H_
