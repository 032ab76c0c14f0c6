#include "client/commands/baseline.h"

#include "absl/strings/str_cat.h"
#include "client/baseline_text.h"
#include "client/text.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kBaselineExamples[] =
    R"(The reference for drift: made by mlp-client calibrate, or learnt by the server
(--self-baseline). The file belongs next to the model, as baseline.safetensors.

Examples:
  mlp-client baseline digits-relu
  mlp-client baseline digits-relu --output repository/digits-relu/1/baseline.safetensors

--address and --timeout (mlp-client --help) also work here.)";

constexpr char kAcceptExamples[] =
    R"(Use this if correlated traffic causes false alarms, such as bursts from one user or the time
of day. The server accepts windows of live traffic as normal: at least 50 and at most 200, spread
evenly over the time since the baseline came into force. That time should cover whole cycles. The
result holds until the version is reloaded. To keep it, save the file next to the model as
baseline.safetensors. mlp-client load MODEL undoes it: the baseline next to the model's file is in
force again. The server must run with --model-control explicit.

Examples:
  mlp-client accept-windows digits-relu
  mlp-client accept-windows digits-relu --output repository/digits-relu/1/baseline.safetensors

--address and --timeout (mlp-client --help) also work here.)";

CLI::App* AddCommandOnBaseline(CLI::App& app, const char* name, const char* help,
                               const char* footer, BaselineOptions& options) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("MODEL", options.model, "The model's name")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "The version [default version]")
      ->option_text("V");
  command->add_option("--output", options.output, "Write the baseline to this file")
      ->option_text("FILE");
  command->footer(footer);
  return command;
}

absl::Status CheckOutput(const BaselineOptions& options) {
  return options.output.empty() ? absl::OkStatus() : CheckWritable(options.output);
}

}  // namespace

CLI::App* AddBaselineCommand(CLI::App& app, BaselineOptions& options) {
  return AddCommandOnBaseline(app, "baseline", "Show or fetch a model's baseline for drift",
                              kBaselineExamples, options);
}

CLI::App* AddAcceptWindowsCommand(CLI::App& app, BaselineOptions& options) {
  return AddCommandOnBaseline(app, "accept-windows", "Accept a model's windows so far as normal",
                              kAcceptExamples, options);
}

absl::Status RunBaseline(const BaselineOptions& options, const ConnectionOptions& connection,
                         Streams streams) {
  if (absl::Status status = CheckOutput(options); !status.ok()) return status;
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<BaselineFile> baseline = client->Baseline(options.model, options.version);
  if (!baseline.ok()) return baseline.status();
  return WriteAndPrintBaseline(*baseline, options.output, /*in_force=*/false, streams);
}

absl::Status RunAcceptWindows(const BaselineOptions& options, const ConnectionOptions& connection,
                              Streams streams) {
  if (absl::Status status = CheckOutput(options); !status.ok()) return status;
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<BaselineFile> baseline =
      client->AcceptWindows(options.model, options.version);
  if (!baseline.ok()) return baseline.status();
  return WriteAndPrintBaseline(*baseline, options.output, /*in_force=*/true, streams);
}

absl::Status WriteAndPrintBaseline(const BaselineFile& baseline, const std::string& output,
                                   bool in_force, Streams streams) {
  absl::Status written = output.empty() ? absl::OkStatus() : ReplaceFile(output, baseline.contents);
  if (!written.ok() && !in_force) return written;
  streams.out << BaselineText(baseline);
  if (!written.ok()) {
    return {
        written.code(),
        absl::StrCat(written.message(),
                     "; the server uses the new baseline nevertheless; fetch it with mlp-client "
                     "baseline --output")};
  }
  if (!output.empty()) streams.out << "\nwritten to " << Printable(output) << "\n";
  return absl::OkStatus();
}

}  // namespace mlp
