#include "server/options/parse_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/options/option_list.h"
#include "server/options/option_parser.h"
#include "server/options/option_table.h"
#include "server/options/variable_check.h"

namespace mlp {
namespace {

constexpr char kExamples[] = R"(
Examples:
  mlp-server --model-repository deploy/models/repository
  mlp-server --model digits.onnx --grpc-address 127.0.0.1:9001
  MLP_MODEL_REPOSITORY=/models MLP_LOG_FORMAT=json mlp-server
  mlp-server --config mlp-server.ini        # lines such as  max-batch-rows = 256

Each option except --validate is also read from the environment, as MLP_ and its name
(MLP_MAX_BATCH_ROWS).)";

// Throws if the options of model control contradict each other.
void CheckModelControl(const ServerOptions& options) {
  if (options.model_control != ModelControl::kNone && !options.model.empty()) {
    throw std::invalid_argument(
        "--model-control: a model given with --model never changes; expected none, or "
        "--model-repository");
  }
  if (options.model_control == ModelControl::kExplicit) return;
  if (!options.load_models.empty()) {
    throw std::invalid_argument("--load-model requires --model-control explicit");
  }
  if (options.allow_rpc_model_files) {
    throw std::invalid_argument("--allow-rpc-model-files requires --model-control explicit");
  }
}

// Throws if the process would be killed before a stop has finished.
void CheckGracePeriod(const ServerOptions& options) {
  const std::int64_t needed = LongestStopSeconds(options);
  if (options.grace_period_seconds == 0 || options.grace_period_seconds >= needed) return;
  throw std::invalid_argument(absl::StrCat(
      "--grace-period-seconds: ", options.grace_period_seconds, " is too short; expected at least ",
      needed, ", for ", options.shutdown_delay_ms, " ms of --shutdown-delay-ms, ",
      options.drain_seconds, " s of --drain-seconds and ", kEndSeconds, " s for the end"));
}

// Leaves exactly one of the two sources of models, or throws. Of two places, the overriding one
// decides.
void ChooseSource(const OptionParser& parser, ServerOptions& options) {
  const OptionOrigin repository = parser.OriginOf(kRepositoryOption);
  const OptionOrigin model = parser.OriginOf(kModelOption);
  if (repository != model) {
    (repository > model ? options.model : options.model_repository).clear();
  }
  if (options.model_repository.empty() && options.model.empty()) {
    throw std::invalid_argument("--model-repository or --model is required");
  }
  if (!options.model_repository.empty() && !options.model.empty()) {
    throw std::invalid_argument("--model-repository and --model exclude each other; expected one");
  }
}

void RefuseUnknownVariables(const std::vector<Option>& table) {
  std::set<std::string> known;
  for (const Option& option : table) {
    if (!option.command_line_only) known.insert(option.Variable());
  }
  const std::string wrong = CheckVariables(environ, known);
  if (!wrong.empty()) throw std::invalid_argument(wrong);
}

}  // namespace

std::variant<ServerOptions, int> ParseOptions(int argc, const char* const* argv,
                                              const Machine& machine) {
  ServerOptions options = DefaultOptions(machine);
  const std::vector<Option> table = OptionTable(options);
  CLI::App app("Serves trained multi-layer perceptrons over gRPC in the Open Inference Protocol.",
               "mlp-server");
  app.footer(kExamples);
  app.set_version_flag("--version",
                       absl::StrCat("mlp-server ", MLP_VERSION, " (", MLP_GIT_REVISION, ")"));
  bool lists_options = false;
  app.add_flag("--list-options", lists_options, "Print all options as JSON, for programs, and exit")
      ->configurable(false);
  OptionParser parser(app, table, kConfigOption);
  try {
    parser.Parse(argc, argv);
    if (lists_options) {
      std::cout << OptionList(table);
      return 0;
    }
    ChooseSource(parser, options);
    CheckModelControl(options);
    CheckGracePeriod(options);
    if (parser.OriginOf(kConnectionsOption) == OptionOrigin::kDefault) {
      options.limits.connections =
          DefaultConnections(machine, /*tls=*/!options.security.tls_certificate.empty());
    }
    CheckSecurity(options.security, options.grpc_address, options.http_address,
                  options.rest_address);
    RefuseUnknownVariables(table);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "mlp-server: " << parser.Explain(error.what()) << "\n";
    return 2;
  }
  return options;
}

}  // namespace mlp
