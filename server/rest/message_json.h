// Writes the protocol's messages as JSON, in the protocol's HTTP form.

#ifndef MLP_SERVER_REST_MESSAGE_JSON_H_
#define MLP_SERVER_REST_MESSAGE_JSON_H_

#include <google/protobuf/message.h>

#include <string>

#include "proto/open_inference.pb.h"

namespace mlp {

// Appends `message`: members by their names in the .proto file, 64-bit integers as numbers,
// enumerations by name, maps as objects. Scalars and lists are written even if they are empty;
// messages and members of a oneof only if they are set. The `parameters` of tensors and requests
// are written only if there are any, each as just its value.
void AppendMessageJson(const google::protobuf::Message& message, std::string& json);

// Appends just the value of `parameter`; null if it has none.
void AppendParameterJson(const inference::InferParameter& parameter, std::string& json);

}  // namespace mlp

#endif  // MLP_SERVER_REST_MESSAGE_JSON_H_
