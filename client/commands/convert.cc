#include "client/commands/convert.h"

#include <filesystem>

#include "client/text.h"
#include "model/formats/io/file_content.h"
#include "model/formats/model_file.h"
#include "model/formats/native/writer.h"
#include "model/formats/onnx/writer/writer.h"

namespace mlp {
namespace {

constexpr char kConvertExamples[] = R"(Examples:
  mlp-client convert digits.onnx repository/digits/1
  mlp-client convert repository/digits/1 digits.onnx

FROM is an ONNX file or a folder that contains a model. TO is an ONNX file if it ends in .onnx,
otherwise a folder for model.safetensors and model.json. Existing files are not overwritten. The
written model gives bit-identical answers.)";

absl::Status Write(const Network& network, const std::filesystem::path& path) {
  if (path.extension() != ".onnx") return WriteNativeFolder(network, path);
  const absl::StatusOr<std::string> onnx = WriteOnnx(network);
  if (!onnx.ok()) return onnx.status();
  return WriteNewFile(path, *onnx);
}

}  // namespace

CLI::App* AddConvertCommand(CLI::App& app, ConvertOptions& options) {
  CLI::App* command =
      app.add_subcommand("convert", "Convert a model file between ONNX and the native format");
  command->add_option("FROM", options.from, "The model")->required()->option_text("(required)");
  command->add_option("TO", options.to, "The output file or folder")
      ->required()
      ->option_text("(required)");
  command->footer(kConvertExamples);
  return command;
}

absl::Status RunConvert(const ConvertOptions& options, Streams streams) {
  const absl::StatusOr<ReadNetwork> read = ReadModelFile(options.from);
  if (!read.ok()) return read.status();
  for (const std::string& warning : read->warnings) {
    streams.err << "mlp-client: warning: " << Printable(warning) << "\n";
  }
  return Write(read->network, options.to);
}

}  // namespace mlp
