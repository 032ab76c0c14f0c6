// mlp-client convert: converts a model from one format to another.

#ifndef MLP_CLIENT_COMMANDS_CONVERT_H_
#define MLP_CLIENT_COMMANDS_CONVERT_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

struct ConvertOptions {
  std::string from;
  std::string to;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddConvertCommand(CLI::App& app, ConvertOptions& options);

// Writes ONNX if `to` ends in .onnx, otherwise a folder in the native format. The reader's warnings
// go to `streams.err`. ALREADY_EXISTS instead of overwriting a file.
absl::Status RunConvert(const ConvertOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CONVERT_H_
