// Which models are served.

#include "server/options/option_table.h"

namespace mlp {

std::vector<Option> ModelRows(ServerOptions& options) {
  return {
      {kRepositoryOption, TextValue(options.model_repository),
       "Folder with <model>/<version>/model.onnx"},
      {kModelOption, TextValue(options.model), "One ONNX file, served as a repository of one"},
      {"validate", FlagValue(options.validate),
       "Load all models with their settings and test vectors, check the TLS and tokens files, "
       "then exit; the exit code is 0 if none is refused",
       /*command_line_only=*/true},
      {"model-control",
       NameValue(options.model_control, {{"none", ModelControl::kNone},
                                         {"poll", ModelControl::kPoll},
                                         {"explicit", ModelControl::kExplicit}}),
       "none: load every model at the start only; poll: follow the repository; explicit: load only "
       "models that clients ask for"},
      {"poll-seconds", IntegerValue(options.poll_seconds, 1, 86'400),
       "How often to look at the repository, to follow it (poll) or to list it (explicit)"},
      {"load-model", ListValue(options.load_models),
       "With --model-control explicit: a model to load at the start, or * for all; may be "
       "repeated"},
      {"allow-rpc-model-files", FlagValue(options.allow_rpc_model_files),
       "Accept models and configurations sent with RepositoryModelLoad"},
      {"external-data-hard-links", FlagValue(options.external_data_hard_links),
       "Read external data files that have other hard links"},
  };
}

}  // namespace mlp
