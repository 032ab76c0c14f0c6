// mlp-client bench: puts load on a model and measures how fast it is answered.

#ifndef MLP_CLIENT_COMMANDS_BENCH_H_
#define MLP_CLIENT_COMMANDS_BENCH_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct BenchOptions {
  std::string model;
  std::string version;      // empty: the default one
  std::string concurrency;  // closed loops, "1,8,64"; empty, as `rate` is: "1"
  std::string rate;         // open loops, "1000,2000"
  std::string input;        // a file of rows; empty: random ones
  std::int64_t rows = 1;    // in a request
  std::uint64_t seed = 1;
  int threads = 1;
  int connections = 0;  // 0: as many as threads
  bool stream = false;
  bool check = false;
  double warmup_seconds = 1.0;
  std::optional<double> duration_seconds;
  std::int64_t requests = 0;  // 0: until the duration is over
  std::int64_t deadline_milliseconds = 0;
  std::int64_t timeout_microseconds = 0;
  std::string json;  // files
  std::string svg;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddBenchCommand(CLI::App& app, BenchOptions& options);

// Measures each load in turn and prints the table on `streams.out`; where that is a terminal, what
// it is doing on standard error meanwhile. SIGINT ends it early with what there is; a second one
// cancels what is under way. Besides the errors of the connection, the files and LoadGenerator's:
// INTERNAL where answers were compared and differ, and the first error's where nothing was
// answered.
absl::Status RunBench(const BenchOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_BENCH_H_
