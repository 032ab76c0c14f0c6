#include "client/commands/load.h"

#include "client/client.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr char kLoadExamples[] =
    R"(The server must run with --model-control explicit. A model that is already loaded is
reloaded as it is in the repository now. If that is refused, what was served before stays in
service.

Examples:
  mlp-client load digits-relu
  mlp-client load large --timeout 600
  mlp-client models

--address and --timeout (mlp-client --help) also work here.)";

constexpr char kUnloadExamples[] =
    R"(The server must run with --model-control explicit. Requests already accepted are
still answered.

Examples:
  mlp-client unload digits-relu

--address and --timeout (mlp-client --help) also work here.)";

CLI::App* AddCommand(CLI::App& app, const char* name, const char* help, const char* footer,
                     LoadModelOptions& options) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("MODEL", options.model, "The model's name")->required()->option_text(" ");
  command->footer(footer);
  return command;
}

}  // namespace

CLI::App* AddLoadCommand(CLI::App& app, LoadModelOptions& options) {
  return AddCommand(app, "load", "Load a model from the server's repository, or reload it",
                    kLoadExamples, options);
}

CLI::App* AddUnloadCommand(CLI::App& app, LoadModelOptions& options) {
  return AddCommand(app, "unload", "Take a model out of service", kUnloadExamples, options);
}

absl::Status RunLoad(const LoadModelOptions& options, const ConnectionOptions& connection,
                     Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  if (absl::Status status = client->LoadModel(options.model); !status.ok()) return status;
  streams.out << "loaded " << Printable(options.model) << "\n";
  return absl::OkStatus();
}

absl::Status RunUnload(const LoadModelOptions& options, const ConnectionOptions& connection,
                       Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  if (absl::Status status = client->UnloadModel(options.model); !status.ok()) return status;
  streams.out << "unloaded " << Printable(options.model) << "\n";
  return absl::OkStatus();
}

}  // namespace mlp
