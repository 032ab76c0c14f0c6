#include "client/commands/validate.h"

#include "client/text.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

constexpr char kValidateExamples[] = R"(Examples:
  mlp-client validate model.onnx
  mlp-client validate repository/digits/1

Reads the model just as the server does. Exit code 0 where it would be served, else 2 with the
reason. A whole repository, with its settings and test vectors, is the server's to check:
  mlp-server --validate --model-repository repository)";

}  // namespace

CLI::App* AddValidateCommand(CLI::App& app, ValidateOptions& options) {
  CLI::App* command = app.add_subcommand("validate", "Say whether a model file would be served");
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
