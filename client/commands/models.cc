#include "client/commands/models.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "client/client.h"
#include "client/table.h"

namespace mlp {
namespace {

constexpr char kModelsExamples[] = R"(Examples:
  mlp-client models
  mlp-client models --json | jq -r '.[] | select(.state != "READY") | .name'

--address and --timeout (mlp-client --help) also work here.)";

}  // namespace

CLI::App* AddModelsCommand(CLI::App& app, ModelsOptions& options) {
  CLI::App* command = app.add_subcommand("models", "List the models, their versions and states");
  command->add_flag("--json", options.json, "Print JSON: an array with one object per version");
  command->footer(kModelsExamples);
  return command;
}

absl::Status RunModels(const ModelsOptions& options, const ConnectionOptions& connection,
                       Streams streams) {
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<std::vector<RepositoryEntry>> entries = client->ListModels();
  if (!entries.ok()) return entries.status();

  if (options.json) {
    auto array = nlohmann::ordered_json::array();
    for (const RepositoryEntry& entry : *entries) {
      array.push_back({{"name", entry.name},
                       {"version", entry.version},
                       {"state", entry.state},
                       {"reason", entry.reason}});
    }
    streams.out << array.dump(2) << "\n";
    return absl::OkStatus();
  }
  Table table({{"name"}, {"version", Alignment::kRight}, {"state"}, {"reason"}});
  for (const RepositoryEntry& entry : *entries) {
    table.AddRow({entry.name, entry.version, entry.state, entry.reason});
  }
  streams.out << table.ToString();
  return absl::OkStatus();
}

}  // namespace mlp
