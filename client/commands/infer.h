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
  std::string version;      // empty: the default one
  std::string input = "-";  // a file, or - for standard input
  std::string input_format = "auto";
  std::string output;         // a file; empty: standard output
  std::string output_format;  // empty: by the end of `output`'s name, else a table
  std::string outputs;        // names with commas between them; empty: all
  std::optional<float> scale;
  std::int64_t rows_per_request = 0;  // 0: as many as the model takes
  std::string labels;                 // a .npy file; empty: none
  std::optional<std::int64_t> draw;   // a row, from 0
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddInferCommand(CLI::App& app, InferOptions& options);

// Reads the rows, asks, and writes the answer, the accuracy and the drawing that were wanted. What
// is not part of the answer goes to `streams.out` where that holds people's text, else to
// `streams.err`. Everything that can be refused without the server is refused before it is asked.
absl::Status RunInfer(const InferOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_INFER_H_
