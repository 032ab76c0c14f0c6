// tls_cost: measures what TLS, mutual TLS and tokens cost a server, compared with plaintext, in one
// run.
//
// docs/measurements/tls.md explains the output.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "benchmarks/cpu_model.h"
#include "benchmarks/program_main.h"
#include "benchmarks/security/connection_setup.h"
#include "benchmarks/security/secured_servers.h"
#include "benchmarks/service/measured_load.h"
#include "benchmarks/service/round.h"
#include "client/bench/load_generator.h"
#include "client/client.h"

namespace mlp {
namespace {

struct Options {
  std::string server;
  std::string model_repository = "deploy/models/repository";
  std::string model = "digits-relu";
  int rounds = 5;
  double seconds = 2.0;
  double rate = 500.0;
};

struct Load {
  const char* name;
  int rows;
  LoadTarget target;
};

// One load on one server.
struct Measured {
  const SecuredServer* server;
  const Load* load;
  std::unique_ptr<LoadGenerator> generator;
  std::vector<Round> rounds;
};

struct MeasuredSetup {
  const SecuredServer* server;
  SetupLoad load;
  std::vector<SetupRound> rounds;
};

absl::StatusOr<std::unique_ptr<LoadGenerator>> MakeGenerator(const SecuredServer& server,
                                                             const std::string& model, int rows) {
  const std::string& address = server.server->grpc_address();
  const absl::StatusOr<Client> client =
      Client::Create(address, {.credentials = server.credentials});
  if (!client.ok()) return client.status();
  const absl::StatusOr<ModelMetadata> metadata = client->Metadata(model);
  if (!metadata.ok()) return metadata.status();
  LoadOptions options;
  options.address = address;
  options.credentials = server.credentials;
  options.request_options.rows = rows;
  return LoadGenerator::Create(*metadata, options);
}

// The median of `figure` over `rounds`, with the least and the greatest value in brackets.
template <typename R>
std::string MiddleAndRange(const std::vector<R>& rounds,
                           const std::function<double(const R&)>& figure) {
  std::vector<double> values;
  for (const R& round : rounds) values.push_back(figure(round));
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return absl::StrFormat("%.1f (%.1f-%.1f)", Median(values), *least, *most);
}

// The median ratio of `figure` to its value in the same round of `plaintext`, so that other load on
// the machine cancels out.
template <typename R>
double MiddleRatio(const std::vector<R>& rounds, const std::vector<R>& plaintext,
                   const std::function<double(const R&)>& figure) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    ratios.push_back(figure(rounds[i]) / figure(plaintext[i]));
  }
  return Median(std::move(ratios));
}

double CpuOf(const Round& round) { return round.server_cpu_microseconds.value_or(0); }
double CpuOfSetup(const SetupRound& round) { return round.server_cpu_microseconds; }

void PrintLoads(const std::vector<Load>& loads, const std::vector<Measured>& measured_loads) {
  for (const Load& load : loads) {
    std::cout << absl::StreamFormat("\n%s\n%-26s %24s %8s %26s %26s\n", load.name, "",
                                    "server CPU us/request", "times", "p50 us", "p99 us");
    const std::vector<Round>* plaintext = nullptr;
    for (const Measured& entry : measured_loads) {
      if (entry.load != &load) continue;
      if (plaintext == nullptr) plaintext = &entry.rounds;
      std::cout << absl::StreamFormat(
          "%-26s %24s %8.2f %26s %26s\n", entry.server->name,
          MiddleAndRange<Round>(entry.rounds, CpuOf),
          MiddleRatio<Round>(entry.rounds, *plaintext, CpuOf),
          MiddleAndRange<Round>(entry.rounds, [](const Round& r) { return r.p50_microseconds; }),
          MiddleAndRange<Round>(entry.rounds, [](const Round& r) { return r.p99_microseconds; }));
    }
  }
}

void PrintSetups(const std::vector<MeasuredSetup>& setups) {
  std::cout << absl::StreamFormat(
      "\nconnections, set up and closed, two at a time\n%-26s %24s %8s %26s %26s\n", "",
      "server CPU us", "times", "median us", "connections/s");
  for (const MeasuredSetup& setup : setups) {
    std::cout << absl::StreamFormat(
        "%-26s %24s %8.2f %26s %26s\n", setup.server->name,
        MiddleAndRange<SetupRound>(setup.rounds, CpuOfSetup),
        MiddleRatio<SetupRound>(setup.rounds, setups.front().rounds, CpuOfSetup),
        MiddleAndRange<SetupRound>(setup.rounds,
                                   [](const SetupRound& r) { return r.median_microseconds; }),
        MiddleAndRange<SetupRound>(setup.rounds, [](const SetupRound& r) { return r.per_second; }));
  }
}

absl::Status Run(const Options& options) {
  const SecuredServers maker(options.server, options.model_repository);
  std::vector<SecuredServer> servers;
  for (const Protection protection :
       {Protection::kPlaintext, Protection::kTls, Protection::kTlsOfRsa, Protection::kMutualTls,
        Protection::kMutualTlsAndToken}) {
    absl::StatusOr<SecuredServer> started = maker.Start(protection);
    if (!started.ok()) return started.status();
    servers.push_back(*std::move(started));
  }
  const std::string open_loop = absl::StrFormat("1 row, %.0f requests a second", options.rate);
  const std::vector<Load> loads = {{"1 row, 8 in flight", 1, {8, 0.0}},
                                   {"64 rows, 8 in flight", 64, {8, 0.0}},
                                   {open_loop.c_str(), 1, {0, options.rate}}};
  std::vector<Measured> measured_loads;
  std::vector<MeasuredSetup> setups;
  for (const SecuredServer& server : servers) {
    const Protection protection = server.protection;
    // The kind of the server's key does not matter for a request, nor the token for a connection.
    for (const Load& load : loads) {
      if (protection == Protection::kTlsOfRsa) continue;
      absl::StatusOr<std::unique_ptr<LoadGenerator>> generator =
          MakeGenerator(server, options.model, load.rows);
      if (!generator.ok()) return generator.status();
      measured_loads.push_back({&server, &load, *std::move(generator), {}});
    }
    if (protection == Protection::kMutualTlsAndToken) continue;
    setups.push_back(
        {&server,
         {.tls = protection != Protection::kPlaintext,
          .certificate = protection == Protection::kMutualTls ? &maker.client() : nullptr,
          .seconds = options.seconds},
         {}});
  }
  // Round by round, so that other load on the machine affects all alike.
  for (int round = 0; round < options.rounds; ++round) {
    std::cerr << "round " << round + 1 << " of " << options.rounds << "\n";
    for (Measured& entry : measured_loads) {
      MeasuredLoad measured = Measure(*entry.server->server, *entry.generator,
                                      {options.model, entry.load->target, options.seconds, 0.3});
      if (measured.result.ErrorCount() > 0) {
        return absl::InternalError(measured.result.first_error);
      }
      entry.rounds.push_back(measured.round);
    }
    for (MeasuredSetup& setup : setups) {
      setup.rounds.push_back(MeasureSetup(*setup.server->server, setup.load));
      // In plaintext, the server closes 1 in 50,000 of such short connections, and its client has
      // to ask again (server/sockets/settings_handshake.h).
      if (setup.rounds.back().failed * 1000 > setup.rounds.back().connections) {
        return absl::InternalError(absl::StrFormat("%s: %d connections failed", setup.server->name,
                                                   setup.rounds.back().failed));
      }
    }
  }
  std::cout << CpuModelName() << ", " << std::thread::hardware_concurrency() << " CPUs; "
            << options.model << "; medians of " << options.rounds << " rounds of "
            << options.seconds << " s each, in brackets the least and the greatest\n";
  PrintLoads(loads, measured_loads);
  PrintSetups(setups);
  return absl::OkStatus();
}

int Main(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Measures what TLS and tokens cost, on this machine's loopback.", "tls_cost");
  app.add_option("--server", options.server, "The mlp-server program")->required();
  app.add_option("--model-repository", options.model_repository, "The model repository to serve")
      ->capture_default_str();
  app.add_option("--model", options.model, "The model to send requests to")->capture_default_str();
  app.add_option("--rounds", options.rounds, "How often each server is measured")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Seconds of each measurement")
      ->check(CLI::Range(0.1, 60.0))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Requests a second when measuring latencies")
      ->check(CLI::Range(1.0, 1e5))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (const absl::Status status = Run(options); !status.ok()) {
    std::cerr << "tls_cost: " << status.message() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) { return mlp::ProgramMain("tls_cost", mlp::Main, argc, argv); }
