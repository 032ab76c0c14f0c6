// mlp-client infer: asks a model for the answers to rows from a file or from standard input.

#ifndef MLP_CLIENT_COMMANDS_INFER_H_
#define MLP_CLIENT_COMMANDS_INFER_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct InferOptions {
  std::string model;
  std::string version;      // empty for the default
  std::string input = "-";  // a file, or - for standard input
  std::string input_format = "auto";
  std::string output;         // a file; empty: standard output
  std::string output_format;  // empty: by the extension of `output`, otherwise a table
  std::string outputs;        // names separated by commas; empty for all
  // Multiplies every input.
  std::optional<float> scale;
  std::int64_t rows_per_request = 0;  // 0: as many as the model allows
  std::string labels;                 // a .npy file; empty for none
  std::optional<std::int64_t> draw;   // a row, from 0
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddInferCommand(CLI::App& app, InferOptions& options);

// Reads the rows, asks the model, and writes the answer plus the accuracy and drawing if requested.
// Both go to `streams.out` if that has text for people, otherwise to `streams.err`. What can be
// refused without the server is refused before it is asked.
absl::Status RunInfer(const InferOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_INFER_H_
