#include "client/commands/bench.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/bench/bench_report.h"
#include "client/bench/load_generator.h"
#include "client/bench/sweep.h"
#include "client/commands/bench_progress.h"
#include "client/commands/interrupts.h"
#include "client/commands/number_range.h"
#include "client/plot/latency_plot.h"
#include "client/rows_reader.h"
#include "client/write_file.h"

namespace mlp {
namespace {

constexpr char kBenchExamples[] =
    R"(Closed loop (--concurrency): this many requests are always in flight. Open loop (--rate):
requests are sent when they are due, at random times, whatever the server does; latencies count from
then.

Examples:
  mlp-client bench digits-relu
  mlp-client bench digits-relu --concurrency 1,8,64 --duration 5
  mlp-client bench digits-relu --rate 1000,2000,5000 --svg latency.svg --json latency.json
  mlp-client bench digits-relu --rows 64 --input pixels.npy --check
  mlp-client bench digits-relu --stream --connections 4 --concurrency 64

--address and --timeout (mlp-client --help) also work here.)";

constexpr double kDefaultDurationSeconds = 10.0;
constexpr double kLongestDurationSeconds = 86'400.0;

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

LoadEnd EndOf(const BenchOptions& options) {
  // A number of requests ends the load by itself, but a slow server might never get there.
  const double longest = options.requests > 0 ? kLongestDurationSeconds : kDefaultDurationSeconds;
  return {Seconds(options.duration_seconds.value_or(longest)), options.requests};
}

absl::StatusOr<LoadOptions> LoadOptionsOf(const BenchOptions& options,
                                          const ConnectionOptions& connection) {
  LoadOptions load;
  load.address = connection.address;
  absl::StatusOr<ClientCredentials> credentials = ReadCredentials(connection);
  if (!credentials.ok()) return credentials.status();
  load.credentials = *std::move(credentials);
  load.request_options.rows = options.rows;
  load.request_options.seed = options.seed;
  load.threads = options.threads;
  load.connections = options.connections == 0 ? options.threads : options.connections;
  load.stream = options.stream;
  load.deadline = std::chrono::milliseconds(options.deadline_milliseconds);
  load.timeout_microseconds = options.timeout_microseconds;
  if (options.check) load.check_tolerance = 0.0F;
  if (options.input.empty()) return load;
  const absl::StatusOr<std::string> file = ReadFile(options.input);
  if (!file.ok()) return file.status();
  absl::StatusOr<Rows> rows = ReadRows(*file, RowsFormat::kAuto);
  if (!rows.ok()) return Annotate(rows.status(), absl::StrCat("'", options.input, "'"));
  if (auto status = CheckComplete(*rows); !status.ok()) {
    return Annotate(status, absl::StrCat("'", options.input, "'"));
  }
  load.request_options.file_rows = *std::move(rows);
  return load;
}

std::vector<LatencyPoint> PointsOf(const BenchReport& report) {
  std::vector<LatencyPoint> points;
  points.reserve(report.cases.size());
  for (const BenchCase& measured : report.cases) {
    const LatencyHistogram& latency = measured.result.latency;
    const auto microseconds = [&latency](double share) {
      return static_cast<double>(latency.Percentile(share)) / 1e3;
    };
    points.push_back({measured.result.Rate(), microseconds(0.5), microseconds(0.9),
                      microseconds(0.99), microseconds(0.999)});
  }
  return points;
}

// Measures all `targets` in turn, until interrupted.
void MeasureAll(const std::vector<LoadTarget>& targets, const BenchOptions& options,
                LoadGenerator& generator, Interrupts& interrupts, BenchProgress& progress,
                BenchReport& report) {
  LoadStop stop;
  for (const LoadTarget& target : targets) {
    const auto run = [&](const LoadEnd& end, const std::string& what) {
      progress.Begin(what);
      LoadResult result =
          generator.Run(target, end, stop, [&](const LoadGenerator::Counts& counts) {
            if (interrupts.Take()) (stop.sending ? stop.waiting : stop.sending) = true;
            progress.Show(counts);
          });
      progress.End();
      return result;
    };
    if (options.warmup_seconds > 0.0) {
      run({Seconds(options.warmup_seconds), 0}, TargetText(target) + ", warm-up");
    }
    if (!stop.sending) report.cases.push_back({target, run(EndOf(options), TargetText(target))});
    report.interrupted = stop.sending;
    if (report.interrupted) return;
  }
}

absl::Status Verdict(const BenchReport& report) {
  std::int64_t answered = 0;
  std::int64_t wrong = 0;
  const LoadResult* failed = nullptr;
  for (const BenchCase& measured : report.cases) {
    answered += measured.result.answered;
    wrong += measured.result.wrong;
    if (!measured.result.errors.empty()) failed = &measured.result;
  }
  if (wrong > 0) {
    return absl::InternalError(
        absl::StrCat(wrong, " answers differ from the first answer to the same rows"));
  }
  if (answered == 0 && failed != nullptr) {
    // The two enumerations have the same numbers.
    return {static_cast<absl::StatusCode>(failed->errors.begin()->first),
            absl::StrCat("nothing was answered: ", failed->first_error)};
  }
  return absl::OkStatus();
}

void AddLoadOptions(CLI::App& command, BenchOptions& options) {
  CLI::Option* concurrency = command.add_option(
      "--concurrency", options.concurrency,
      "Closed loop: requests in flight, at most 10000; a list is measured in turn [1]");
  command
      .add_option("--rate", options.rate,
                  "Open loop: requests per second; a list is measured in turn")
      ->excludes(concurrency);
  command.add_flag("--stream", options.stream, "Use ModelStreamInfer, one stream per connection");
  command.add_option("--connections", options.connections, "Connections [one per thread]")
      ->check(CLI::Range(1, 1000));
  command
      .add_option("--threads", options.threads, "Threads that send requests and receive answers")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      .add_option("--warmup", options.warmup_seconds,
                  "Seconds of unmeasured load before each measurement")
      ->check(NumberIn(0.0, 3600.0))
      ->capture_default_str();
  command.add_option("--duration", options.duration_seconds, "Seconds of each load [10]")
      ->check(NumberIn(0.001, kLongestDurationSeconds));
  command.add_option("--requests", options.requests, "End each load after this many requests")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  command
      .add_option("--deadline", options.deadline_milliseconds,
                  "gRPC's deadline of each request, in milliseconds")
      ->check(CLI::Range(1, 3'600'000));
  command
      .add_option("--timeout-us", options.timeout_microseconds,
                  "The parameter `timeout` of each request, in microseconds")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{3'600'000'000}));
}

}  // namespace

CLI::App* AddBenchCommand(CLI::App& app, BenchOptions& options) {
  CLI::App* command = app.add_subcommand("bench", "Measure a model's latency and throughput");
  command->add_option("MODEL", options.model, "The model's name")
      ->required()
      ->option_text("(required)");
  command->add_option("--version", options.version, "The version [default version]");
  AddLoadOptions(*command, options);
  command->add_option("--rows", options.rows, "Rows per request")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
      ->capture_default_str();
  command->add_option("--input", options.input, "A file of rows (JSON, CSV, .npy) [random rows]");
  command
      ->add_option("--seed", options.seed, "Seed for the random rows and the send times of --rate")
      ->capture_default_str();
  command->add_flag("--check", options.check,
                    "Compare every answer bit for bit with the first answer to the same rows");
  command->add_option("--json", options.json, "Also write the report to this file, as JSON");
  command->add_option("--svg", options.svg,
                      "Draw the latencies over the rate into this file, as SVG");
  command->footer(kBenchExamples);
  return command;
}

absl::Status RunBench(const BenchOptions& options, const ConnectionOptions& connection,
                      Streams streams) {
  Interrupts interrupts;  // must precede gRPC's threads
  const absl::StatusOr<std::vector<LoadTarget>> targets =
      !options.rate.empty()
          ? ParseRates(options.rate)
          : ParseConcurrencies(options.concurrency.empty() ? "1" : options.concurrency);
  if (!targets.ok()) return targets.status();
  const absl::StatusOr<LoadOptions> load = LoadOptionsOf(options, connection);
  if (!load.ok()) return load.status();
  const absl::StatusOr<Client> client = Connect(connection);
  if (!client.ok()) return client.status();
  const absl::StatusOr<std::string> server = client->ServerName();
  if (!server.ok()) return server.status();
  const absl::StatusOr<ModelMetadata> model = client->Metadata(options.model, options.version);
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::unique_ptr<LoadGenerator>> generator =
      LoadGenerator::Create(*model, *load);
  if (!generator.ok()) return generator.status();

  BenchReport report;
  report.server = *server;
  report.address = connection.address;
  report.model = options.model;
  report.rows = options.rows;
  report.stream = options.stream;
  report.connections = load->connections;
  report.threads = load->threads;
  report.warmup_seconds = options.warmup_seconds;
  report.checked = options.check;
  BenchProgress progress(streams.err);
  MeasureAll(*targets, options, **generator, interrupts, progress, report);

  streams.out << BenchTable(report);
  if (!options.json.empty()) {
    if (absl::Status status = WriteFile(options.json, BenchJson(report)); !status.ok()) {
      return status;
    }
  }
  if (!options.svg.empty()) {
    const std::string title = absl::StrCat(options.model, ", ", report.server);
    if (absl::Status status = WriteFile(options.svg, LatencyPlot(title, PointsOf(report)));
        !status.ok()) {
      return status;
    }
  }
  return Verdict(report);
}

}  // namespace mlp
