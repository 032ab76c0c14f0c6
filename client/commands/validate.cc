#include "client/commands/validate.h"

#include "client/text.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

constexpr char kValidateExamples[] = R"(Examples:
  mlp-client validate model.onnx
  mlp-client validate repository/digits/1

Reads the model as the server does. The exit code is 0 if it can be served, otherwise 2 with the
reason. Use the server to check a whole repository with its settings and test vectors:
  mlp-server --validate --model-repository repository)";

}  // namespace

CLI::App* AddValidateCommand(CLI::App& app, ValidateOptions& options) {
  CLI::App* command = app.add_subcommand("validate", "Check whether a model file can be served");
  command->add_option("PATH", options.path, "A model file, or a folder that holds one")
      ->required()
      ->option_text("(required)");
  command->footer(kValidateExamples);
  return command;
}

absl::Status RunValidate(const ValidateOptions& options, Streams streams) {
  const absl::StatusOr<ReadNetwork> read = ReadModelFile(options.path);
  if (!read.ok()) return read.status();
  streams.out << "OK\n";
  for (const std::string& warning : read->warnings) {
    streams.out << "warning: " << Printable(warning) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace mlp
