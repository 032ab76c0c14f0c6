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
  std::string version;      // empty for the default
  std::string concurrency;  // closed loops, "1,8,64"; if `rate` is empty too: "1"
  std::string rate;         // open loops, "1000,2000"
  std::string input;        // a file of rows; empty for random rows
  std::int64_t rows = 1;    // per request
  std::uint64_t seed = 1;
  int threads = 1;
  int connections = 0;  // 0: as many as threads
  bool stream = false;
  bool check = false;
  double warmup_seconds = 1.0;
  std::optional<double> duration_seconds;
  std::int64_t requests = 0;  // 0: only the duration ends a load
  std::int64_t deadline_milliseconds = 0;
  std::int64_t timeout_microseconds = 0;
  std::string json;  // output files
  std::string svg;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddBenchCommand(CLI::App& app, BenchOptions& options);

// Measures each load in turn and prints the table on `streams.out`. If that is a terminal, shows
// the progress on standard error. SIGINT ends it early, with the results so far; a second one
// cancels the requests in flight. Returns the errors of the connection, the files and
// LoadGenerator, INTERNAL if compared answers differ, and the first error if nothing was answered.
absl::Status RunBench(const BenchOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_BENCH_H_
