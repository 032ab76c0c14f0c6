// mlp-client describe for a model file: its inputs, outputs and layers, without a server.

#ifndef MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_
#define MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

// Whether `model` is a path, not a model's name: it contains '/' or ends like a model file.
bool IsModelPath(const std::string& model);

// Prints the description of the model at `path` to `streams.out`, as text or as JSON.
absl::Status RunDescribeFile(const std::string& path, bool json, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_DESCRIBE_FILE_H_
