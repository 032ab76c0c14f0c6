// service_peer: the peers that mlp-server is compared with. service_benchmark --bars starts it.
//
//   service_peer --kind echo --address 127.0.0.1:PORT --threads N --answer FILE
//                [--model FOLDER --rows N]
//   service_peer --kind synchronous --address 127.0.0.1:PORT --model FOLDER

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmarks/program_main.h"
#include "benchmarks/service/echo_peer.h"
#include "benchmarks/service/synchronous_peer.h"
#include "client/server_address.h"
#include "model/formats/model_file.h"

namespace mlp {
namespace {

struct PeerOptions {
  std::string kind;
  std::string address;
  int threads = 1;
  std::string answer;
  std::string model;
  int rows = 1;
};

absl::Status Serve(const PeerOptions& options) {
  if (options.kind == "echo") {
    std::ifstream file(options.answer, std::ios::binary);
    if (!file) return absl::NotFoundError(absl::StrCat("cannot read '", options.answer, "'"));
    const std::string answer{std::istreambuf_iterator<char>(file), {}};
    std::optional<EchoEvaluation> evaluation;
    if (!options.model.empty()) {
      absl::StatusOr<ReadNetwork> read = ReadModelFile(options.model);
      if (!read.ok()) return read.status();
      evaluation = {std::move(read->network), options.rows};
    }
    return ServeEcho(options.address, options.threads, answer, std::move(evaluation));
  }
  absl::StatusOr<ReadNetwork> read = ReadModelFile(options.model);
  if (!read.ok()) return read.status();
  return ServeSynchronously(options.address, std::move(read->network));
}

int Main(int argc, const char* const* argv) {
  PeerOptions options;
  CLI::App app("Serves ModelInfer as a peer of mlp-server, until a signal ends it.",
               "service_peer");
  app.add_option("--kind", options.kind, "echo or synchronous")
      ->required()
      ->check(CLI::IsMember({"echo", "synchronous"}));
  app.add_option("--address", options.address, "127.0.0.1:PORT to listen on")->required();
  app.add_option("--threads", options.threads, "echo: threads, each with a completion queue")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--answer", options.answer, "echo: the file with the answer's bytes");
  app.add_option("--model", options.model,
                 "The folder with the model; echo: evaluated, but not answered");
  app.add_option("--rows", options.rows, "echo: rows evaluated at a time")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    if (!IsLoopback(options.address)) {
      throw CLI::ValidationError("--address", "must be on this machine's loopback");
    }
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
  const absl::Status status = Serve(options);
  std::cerr << "service_peer: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) { return mlp::ProgramMain("service_peer", mlp::Main, argc, argv); }
