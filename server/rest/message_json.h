// Writes the protocol's messages as JSON, as its HTTP form has them.

#ifndef MLP_SERVER_REST_MESSAGE_JSON_H_
#define MLP_SERVER_REST_MESSAGE_JSON_H_

#include <google/protobuf/message.h>

#include <string>

#include "proto/open_inference.pb.h"

namespace mlp {

// Appends `message`: members by their names in the .proto file, integers of 64 bits as numbers,
// enumerations by name, maps as objects. Scalars and lists are there when they are empty too;
// messages and members of a oneof only where they are set. The `parameters` of tensors and requests
// are there where there are some, each as its value alone.
void AppendMessageJson(const google::protobuf::Message& message, std::string& json);

// Appends the value of `parameter` alone; null where it has none.
void AppendParameterJson(const inference::InferParameter& parameter, std::string& json);

}  // namespace mlp

#endif  // MLP_SERVER_REST_MESSAGE_JSON_H_
