#include "client/commands/calibrate.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/client.h"
#include "client/commands/baseline.h"
#include "client/commands/calibrate_file.h"
#include "client/commands/describe_file.h"
#include "client/input_columns.h"
#include "client/progress_bar.h"
#include "client/rows_in_parts.h"
#include "client/text.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kCalibrateExamples[] =
    R"(MODEL is a model's file or folder, evaluated on this machine, or the name of a model that the
server serves. Use rows that are known to be right, such as the training data: at least 2,000, and
ten for each component that is judged. They are read as by mlp-client infer; several files are
concatenated. For a server's model, the server must run with --model-control explicit.

Examples:
  mlp-client calibrate repository/digits/1 --input train.npy
  mlp-client calibrate model.onnx --input part-1.csv part-2.csv --output baseline.safetensors
  mlp-client calibrate digits --input train.npy --install
  mlp-client calibrate digits --input train.npy --output repository/digits/1/baseline.safetensors

--address and --timeout (mlp-client --help) also work here.)";

void Warn(const std::vector<std::string>& warnings, std::ostream& err) {
  for (const std::string& warning : warnings) {
    err << "mlp-client: warning: " << Printable(warning) << "\n";
  }
}

// Finds early what the server would only report after all rows are sent.
absl::Status CheckModelAccepts(const ModelMetadata& model, const Rows& rows) {
  std::int64_t expected = 0;
  for (const TensorMetadata& input : model.inputs) {
    if (TakesTexts(input)) {
      return absl::UnimplementedError(absl::StrCat(
          "model '", model.name, "' has text input '", input.name,
          "', which cannot be calibrated on a server; calibrate the model's file instead"));
    }
    const std::optional<std::int64_t> width = WidthOf(input);
    if (!width || __builtin_add_overflow(expected, *width, &expected)) return absl::OkStatus();
  }
  if (rows.width == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("rows of ", FormatCount(rows.width),
                                                 " values; model '", model.name, "' expects ",
                                                 FormatCount(expected)));
}

absl::StatusOr<BaselineFile> CalibrateOnServer(const CalibrateOptions& options,
                                               const ConnectionOptions& connection,
                                               Streams streams) {
  if (options.output.empty() && !options.install) {
    return absl::InvalidArgumentError(
        "the baseline would be lost; expected --output FILE, --install or both");
  }
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<ModelMetadata> model = client->Metadata(options.model, options.version);
  if (!model.ok()) return model.status();
  const absl::StatusOr<Rows> rows = ReadRowsInParts(
      options.inputs, streams.in, RowsFormatNamed(options.input_format), TextColumnsOf(*model));
  if (!rows.ok()) return rows.status();
  if (absl::Status status = CheckModelAccepts(*model, *rows); !status.ok()) return status;
  for (const auto& [column, place] : rows->missing) Warn({MissingValuesText(place)}, streams.err);

  ProgressBar bar(streams.err);
  const auto all = static_cast<std::int64_t>(rows->values.size());
  return client->Calibrate(
      {options.model, options.version, options.install}, rows->values, [&](std::int64_t sent) {
        const bool sending = sent < all;
        bar.Show(sending ? "sending rows" : "the server calibrates",
                 all == 0 ? 1.0 : static_cast<double>(sent) / static_cast<double>(all));
        return true;
      });
}

absl::StatusOr<BaselineFile> CalibrateHere(const CalibrateOptions& options, Streams streams) {
  if (options.install || !options.version.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(options.install ? "--install" : "--version",
                                                   " is for a model of a server; '", options.model,
                                                   "' is a file"));
  }
  absl::StatusOr<FileToCalibrate> file = FileToCalibrate::Read(options.model);
  if (!file.ok()) return file.status();
  Warn(file->warnings(), streams.err);
  absl::StatusOr<Rows> rows = ReadRowsInParts(
      options.inputs, streams.in, RowsFormatNamed(options.input_format), file->text_columns());
  if (!rows.ok()) return rows.status();
  for (const auto& [column, place] : rows->missing) Warn({MissingValuesText(place)}, streams.err);
  ProgressBar bar(streams.err);
  return file->Calibrate(*std::move(rows), [&](double share) { bar.Show("calibrating", share); });
}

}  // namespace

CLI::App* AddCalibrateCommand(CLI::App& app, CalibrateOptions& options) {
  CLI::App* command = app.add_subcommand("calibrate", "Make a model's baseline for drift");
  command->add_option("MODEL", options.model, "A model's file or folder, or a server's model")
      ->required()
      ->option_text("(required)");
  command
      ->add_option("--input", options.inputs, "The rows: files, or - for standard input (default)")
      ->option_text("FILE ...");
  command->add_option("--input-format", options.input_format, "Format of the rows")
      ->check(CLI::IsMember({"auto", "json", "csv", "npy"}))
      ->capture_default_str();
  command
      ->add_option("--output", options.output,
                   "Write the baseline to this file [for a model's file: next to it]")
      ->option_text("FILE");
  command->add_option("--version", options.version, "Version of a server's model [default version]")
      ->option_text("V");
  command->add_flag("--install", options.install, "Make the server use it immediately");
  command->footer(kCalibrateExamples);
  return command;
}

absl::Status RunCalibrate(const CalibrateOptions& options, const ConnectionOptions& connection,
                          Streams streams) {
  const bool is_file = IsModelPath(options.model);
  const std::string output =
      options.output.empty() && is_file ? BaselinePathBeside(options.model) : options.output;
  // Check now, not after minutes of work or once the server has changed.
  if (!output.empty()) {
    if (auto status = CheckWritable(output); !status.ok()) return status;
  }
  const absl::StatusOr<BaselineFile> baseline =
      is_file ? CalibrateHere(options, streams) : CalibrateOnServer(options, connection, streams);
  if (!baseline.ok()) return baseline.status();
  Warn(baseline->warnings, streams.err);
  return WriteAndPrintBaseline(*baseline, output, /*in_force=*/options.install, streams);
}

}  // namespace mlp
