// service_benchmark: how fast a server answers requests of one row, and the cost of each.
//
// docs/measurements/benchmarks.md explains how to run it and how to read its output.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/program_main.h"
#include "benchmarks/service/measured_load.h"
#include "benchmarks/service/report.h"
#include "benchmarks/service/server_under_test.h"
#include "benchmarks/service/service_bars.h"
#include "benchmarks/service/swaps.h"
#include "client/bench/load_generator.h"
#include "client/client.h"
#include "client/server_address.h"

namespace mlp {
namespace {

struct Options {
  std::string server;
  std::string address;
  int http_port = 0;
  std::string model_repository = "deploy/models/repository";
  std::string model = "digits-relu";
  std::vector<int> in_flight = {1, 64};
  int connections = 1;
  int rounds = 5;
  double seconds = 2.0;
  double warm_up_seconds = 0.5;
  int starts = 5;
  std::string json;
  bool bars = false;
  std::string peer;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency() / 2));
  int swaps = 0;
};

void AddOptions(CLI::App& app, Options& options) {
  CLI::Option* server =
      app.add_option("--server", options.server, "The mlp-server program to start and measure");
  CLI::Option* address = app.add_option("--address", options.address,
                                        "127.0.0.1:PORT of a running server, instead of --server");
  server->excludes(address);
  app.add_option("--http-port", options.http_port, "With --address: the port of its /metrics")
      ->needs(address)
      ->check(CLI::Range(1, 65535));
  app.add_option("--model-repository", options.model_repository,
                 "With --server: the model repository to serve")
      ->capture_default_str();
  app.add_option("--model", options.model, "The model to send requests to")->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "Requests in flight; one case for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--connections", options.connections, "Number of connections, each with a thread")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "How often each case is measured")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long a case takes in a round")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--warm-up-seconds", options.warm_up_seconds,
                 "Warm-up time of each case, not measured")
      ->check(CLI::Range(0.0, 60.0))
      ->capture_default_str();
  app.add_option("--starts", options.starts, "With --server: how many starts are timed")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--json", options.json, "Write the report, with every round, to this file");
  CLI::Option* bars =
      app.add_flag("--bars", options.bars,
                   "With --server: measure only the aims of docs/measurements/benchmarks.md");
  bars->excludes(address);
  app.add_option("--peer", options.peer,
                 "With --bars: the service_peer program; default: next to this program")
      ->needs(bars);
  app.add_option("--threads", options.threads,
                 "With --bars: threads of the server and of the floor; default: half of the CPUs")
      ->needs(bars)
      ->check(CLI::Range(1, 1024));
  app.add_option("--swaps", options.swaps,
                 "With --server: only swap a model this many times in --seconds, under load")
      ->excludes(address)
      ->excludes(bars)
      ->check(CLI::Range(1, 100'000));
}

// The permitted difference between an answer and the answer to the same request alone: servers
// other than ours evaluate a row differently in different batches.
constexpr float kTolerance = 1e-4F;

// Measures a case once and adds the result to `measured`.
void MeasureOnce(const ServerUnderTest& server, LoadGenerator& generator, const Options& options,
                 CaseReport& measured) {
  const auto [round, result] =
      Measure(server, generator,
              {options.model, {measured.in_flight, 0.0}, options.seconds, options.warm_up_seconds});
  measured.rounds.push_back(round);
  measured.requests += result.sent;
  measured.errors += result.ErrorCount();
  measured.wrong_answers += result.wrong;
  if (measured.first_error.empty()) measured.first_error = result.first_error;
}

// Starts the server for each start to time, and keeps the last one for measuring.
absl::StatusOr<std::unique_ptr<ServerUnderTest>> StartServer(const Options& options,
                                                             Report& report) {
  std::unique_ptr<ServerUnderTest> server;
  for (int i = 0; i < options.starts; ++i) {
    server.reset();
    absl::StatusOr<std::unique_ptr<ServerUnderTest>> started =
        ServerUnderTest::Start(options.server, options.model_repository);
    if (!started.ok()) return started.status();
    server = *std::move(started);
    report.start_to_ready_seconds.push_back(absl::ToDoubleSeconds(*server->start_to_ready()));
  }
  report.idle_resident_bytes = server->ResidentBytes();
  return server;
}

// The number of values of one row, over all inputs.
std::int64_t RowWidth(const ModelMetadata& model) {
  std::int64_t width = 0;
  for (const TensorMetadata& input : model.inputs) {
    width += std::accumulate(input.shape.begin() + (input.shape.empty() ? 0 : 1), input.shape.end(),
                             std::int64_t{1}, std::multiplies<>());
  }
  return width;
}

absl::StatusOr<Report> Run(const Options& options) {
  Report report;
  report.cpu_model = CpuModelName();
  report.cpus = static_cast<int>(std::thread::hardware_concurrency());
  std::unique_ptr<ServerUnderTest> server;
  if (options.server.empty()) {
    server = ServerUnderTest::Attach(options.address, options.http_port);
  } else {
    absl::StatusOr<std::unique_ptr<ServerUnderTest>> started = StartServer(options, report);
    if (!started.ok()) return started.status();
    server = *std::move(started);
  }
  const absl::StatusOr<Client> client = Client::Create(server->grpc_address());
  if (!client.ok()) return client.status();
  const absl::StatusOr<std::string> name = client->ServerName();
  if (!name.ok()) return name.status();
  const absl::StatusOr<ModelMetadata> model = client->Metadata(options.model);
  if (!model.ok()) return model.status();
  LoadOptions load;
  load.address = server->grpc_address();
  load.connections = load.threads = options.connections;
  load.check_tolerance = kTolerance;
  const absl::StatusOr<std::unique_ptr<LoadGenerator>> generator =
      LoadGenerator::Create(*model, load);
  if (!generator.ok()) return generator.status();
  report.server = *name;
  report.model = options.model;
  report.inputs = RowWidth(*model);
  report.connections = options.connections;
  report.seconds = options.seconds;
  for (const int in_flight : options.in_flight)
    report.cases.push_back({in_flight, {}, 0, 0, 0, ""});

  // Round by round, so that other load on the machine affects all cases equally.
  for (int round = 0; round < options.rounds; ++round) {
    for (CaseReport& measured : report.cases) {
      std::cerr << "round " << round + 1 << " of " << options.rounds << ", " << measured.in_flight
                << " in flight\n";
      MeasureOnce(*server, **generator, options, measured);
    }
  }
  return report;
}

// The exit code after measuring aims.
int ExitCodeOf(const absl::StatusOr<bool>& reached) {
  if (!reached.ok()) {
    std::cerr << "service_benchmark: " << reached.status().message() << "\n";
    return 1;
  }
  return *reached ? 0 : 1;
}

absl::StatusOr<bool> RunBars(const Options& options, const char* program) {
  std::string peer = options.peer;
  if (peer.empty()) peer = std::filesystem::path(program).replace_filename("service_peer").string();
  return MeasureServiceBars({{options.server, peer, options.threads, options.connections},
                             options.model_repository,
                             options.rounds,
                             options.seconds,
                             options.warm_up_seconds,
                             options.json});
}

bool AllRight(const Report& report) {
  for (const CaseReport& measured : report.cases) {
    if (measured.errors > 0 || measured.wrong_answers > 0 || measured.requests == 0) return false;
  }
  return true;
}

int Main(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Measures a server with requests of one row, on this machine's loopback.",
               "service_benchmark");
  AddOptions(app, options);
  try {
    app.parse(argc, argv);
    if (options.server.empty() && options.address.empty()) {
      throw CLI::RequiredError("--server or --address");
    }
    if (!options.address.empty() && !IsLoopback(options.address)) {
      throw CLI::ValidationError("--address", "must be on this machine's loopback");
    }
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }

  if (options.bars) return ExitCodeOf(RunBars(options, argv[0]));
  if (options.swaps > 0) {
    return ExitCodeOf(MeasureSwaps({options.server, options.swaps, options.seconds}));
  }
  const absl::StatusOr<Report> report = Run(options);
  if (!report.ok()) {
    std::cerr << "service_benchmark: " << report.status().message() << "\n";
    return 1;
  }
  std::cout << ToTable(*report);
  if (!options.json.empty() && !(std::ofstream(options.json) << ToJson(*report)).flush()) {
    std::cerr << "service_benchmark: cannot write '" << options.json << "'\n";
    return 1;
  }
  if (!AllRight(*report)) {
    std::cerr << "service_benchmark: there were errors or wrong answers\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  return mlp::ProgramMain("service_benchmark", mlp::Main, argc, argv);
}
