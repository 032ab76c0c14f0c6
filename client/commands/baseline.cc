#include "client/commands/baseline.h"

#include "client/baseline_text.h"
#include "client/client.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kBaselineExamples[] =
    R"(What drift is judged by: made by mlp-client calibrate, or learnt by the server (--self-baseline).
The file belongs beside the model, as baseline.safetensors.

Examples:
  mlp-client baseline digits-relu
  mlp-client baseline digits-relu --output repository/digits-relu/1/baseline.safetensors

--address and --timeout (mlp-client --help) may stand here too.)";

constexpr char kAcceptExamples[] =
    R"(The remedy where traffic is correlated, such as by bursts of one user or by the time of the day, and
drift alarms although nothing is wrong: the server takes its last windows, some 100 or more that cover
whole cycles, as what is normal, from now on until the version is loaded anew. With the file beside the
model, as baseline.safetensors, it stays. The server must run with --model-control explicit.

Examples:
  mlp-client accept-windows digits-relu
  mlp-client accept-windows digits-relu --output repository/digits-relu/1/baseline.safetensors

--address and --timeout (mlp-client --help) may stand here too.)";

CLI::App* AddCommandOnBaseline(CLI::App& app, const char* name, const char* help,
                               const char* footer, BaselineOptions& options) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("MODEL", options.model, "The model's name")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "Its version; none for the default one")
      ->option_text("V");
  command->add_option("--output", options.output, "Where the baseline's file goes")
      ->option_text("FILE");
  command->footer(footer);
  return command;
}

absl::Status Tell(const absl::StatusOr<BaselineFile>& baseline, const BaselineOptions& options,
                  Streams streams) {
  if (!baseline.ok()) return baseline.status();
  if (!options.output.empty()) {
    if (auto status = ReplaceFile(options.output, baseline->contents); !status.ok()) return status;
  }
  streams.out << BaselineText(*baseline);
  return absl::OkStatus();
}

}  // namespace

CLI::App* AddBaselineCommand(CLI::App& app, BaselineOptions& options) {
  return AddCommandOnBaseline(app, "baseline", "Show or fetch what a model's drift is judged by",
                              kBaselineExamples, options);
}

CLI::App* AddAcceptWindowsCommand(CLI::App& app, BaselineOptions& options) {
  return AddCommandOnBaseline(app, "accept-windows",
                              "Take a model's last windows as what is normal", kAcceptExamples,
                              options);
}

absl::Status RunBaseline(const BaselineOptions& options, const ConnectionOptions& connection,
                         Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  return Tell(client->Baseline(options.model, options.version), options, streams);
}

absl::Status RunAcceptWindows(const BaselineOptions& options, const ConnectionOptions& connection,
                              Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  return Tell(client->AcceptWindows(options.model, options.version), options, streams);
}

}  // namespace mlp
