// mlp-client describe of a model file: its inputs, outputs and layers, with no server.

#ifndef MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_
#define MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

// Whether `model` is a path rather than a model's name: it has a '/' or ends as model files do.
bool IsModelPath(const std::string& model);

// Prints the description of the model at `path` to `streams.out`, as text or as JSON.
absl::Status RunDescribeFile(const std::string& path, bool json, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_
