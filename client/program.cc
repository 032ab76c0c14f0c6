#include "client/program.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/commands/activations.h"
#include "client/commands/baseline.h"
#include "client/commands/bench.h"
#include "client/commands/calibrate.h"
#include "client/commands/compare.h"
#include "client/commands/convert.h"
#include "client/commands/describe.h"
#include "client/commands/describe_file.h"
#include "client/commands/health.h"
#include "client/commands/infer.h"
#include "client/commands/load.h"
#include "client/commands/models.h"
#include "client/commands/token.h"
#include "client/commands/validate.h"
#include "client/commands/watch.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr char kFooter[] =
    R"(Exit codes: 0 done (health: serving), 1 health: not serving, 2 error, reported in one line
on standard error.

Examples:
  mlp-client models
  mlp-client describe digits-relu
  mlp-client infer digits-relu --input pixels.npy
  mlp-client watch
  mlp-client describe ./model.onnx
  mlp-client convert model.onnx digits/1
  mlp-client --address inference.example:8001 health

mlp-client COMMAND --help shows a command's options and more examples.)";

absl::StatusOr<int> DoneOr(const absl::Status& status) {
  if (!status.ok()) return status;
  return kExitDone;
}

}  // namespace

int RunProgram(int argc, const char* const* argv, Streams streams) {
  CLI::App app(
      "Sends requests to an inference server (Open Inference Protocol) and inspects model files.",
      "mlp-client");
  app.footer(kFooter);
  app.set_version_flag("--version", "mlp-client " MLP_VERSION " (" MLP_GIT_REVISION ")");
  app.require_subcommand(0, 1);  // a missing command gets its own error below
  app.fallthrough();

  ConnectionOptions connection;
  InferOptions infer;
  ModelsOptions models;
  LoadModelOptions load;
  LoadModelOptions unload;
  DescribeOptions describe;
  HealthOptions health;
  ConvertOptions convert;
  ValidateOptions validate;
  ActivationsOptions activations;
  CompareOptions compare;
  BenchOptions bench;
  WatchOptions watch;
  BaselineOptions baseline;
  BaselineOptions accept_windows;
  CalibrateOptions calibrate;
  TokenOptions token;
  AddConnectionOptions(app, connection);
  const CLI::App* infer_command = AddInferCommand(app, infer);
  const CLI::App* models_command = AddModelsCommand(app, models);
  const CLI::App* load_command = AddLoadCommand(app, load);
  const CLI::App* unload_command = AddUnloadCommand(app, unload);
  const CLI::App* describe_command = AddDescribeCommand(app, describe);
  const CLI::App* health_command = AddHealthCommand(app, health);
  const CLI::App* convert_command = AddConvertCommand(app, convert);
  const CLI::App* validate_command = AddValidateCommand(app, validate);
  const CLI::App* compare_command = AddCompareCommand(app, compare);
  const CLI::App* bench_command = AddBenchCommand(app, bench);
  const CLI::App* watch_command = AddWatchCommand(app, watch);
  const CLI::App* baseline_command = AddBaselineCommand(app, baseline);
  const CLI::App* accept_command = AddAcceptWindowsCommand(app, accept_windows);
  const CLI::App* calibrate_command = AddCalibrateCommand(app, calibrate);
  const CLI::App* token_command = AddTokenCommand(app, token);
  AddActivationsCommand(app, activations);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success, streams.out, streams.err);
  } catch (const CLI::Error& error) {
    streams.err << "mlp-client: " << Printable(error.what()) << " (see mlp-client --help)\n";
    return kExitError;
  }

  if (app.get_subcommands().empty()) {
    streams.err << "mlp-client: no command; expected infer, models, load, unload, describe, "
                   "health, watch, calibrate, baseline, accept-windows, convert, validate, "
                   "compare, bench, token or "
                   "activations (see mlp-client --help)\n";
    return kExitError;
  }

  absl::StatusOr<int> exit_code = kExitDone;
  if (infer_command->parsed()) {
    exit_code = DoneOr(RunInfer(infer, connection, streams));
  } else if (models_command->parsed()) {
    exit_code = DoneOr(RunModels(models, connection, streams));
  } else if (load_command->parsed()) {
    exit_code = DoneOr(RunLoad(load, connection, streams));
  } else if (unload_command->parsed()) {
    exit_code = DoneOr(RunUnload(unload, connection, streams));
  } else if (describe_command->parsed()) {
    exit_code =
        DoneOr(IsModelPath(describe.model) ? RunDescribeFile(describe.model, describe.json, streams)
                                           : RunDescribe(describe, connection, streams));
  } else if (health_command->parsed()) {
    exit_code = RunHealth(health, connection, streams);
  } else if (convert_command->parsed()) {
    exit_code = DoneOr(RunConvert(convert, streams));
  } else if (validate_command->parsed()) {
    exit_code = DoneOr(RunValidate(validate, streams));
  } else if (compare_command->parsed()) {
    exit_code = DoneOr(RunCompare(compare, streams));
  } else if (bench_command->parsed()) {
    exit_code = DoneOr(RunBench(bench, connection, streams));
  } else if (watch_command->parsed()) {
    exit_code = DoneOr(RunWatch(watch, connection, streams));
  } else if (baseline_command->parsed()) {
    exit_code = DoneOr(RunBaseline(baseline, connection, streams));
  } else if (accept_command->parsed()) {
    exit_code = DoneOr(RunAcceptWindows(accept_windows, connection, streams));
  } else if (calibrate_command->parsed()) {
    exit_code = DoneOr(RunCalibrate(calibrate, connection, streams));
  } else if (token_command->parsed()) {
    exit_code = DoneOr(RunTokenNew(token, streams));
  } else {
    exit_code = DoneOr(RunActivations(activations, streams));
  }
  if (exit_code.ok() && !streams.out.flush()) {
    exit_code = absl::DataLossError("standard output cannot be written");
  }
  if (exit_code.ok()) return *exit_code;
  const absl::Status status = Explained(exit_code.status(), connection);
  streams.err << "mlp-client: " << absl::StatusCodeToString(status.code()) << ": "
              << Printable(status.message()) << "\n";
  return kExitError;
}

int RunClient(int argc, const char* const* argv) {
  // Print one error line only: gRPC would add its own if a handshake fails.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // NOLINT(concurrency-mt-unsafe)
  try {
    return RunProgram(argc, argv, {std::cin, std::cout, std::cerr});
  } catch (const std::exception& error) {  // out of memory; our code throws nothing else
    std::cerr << "mlp-client: " << error.what() << "\n";
    return kExitError;
  }
}

}  // namespace mlp
