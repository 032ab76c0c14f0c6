#include "server/program.h"

#include <google/protobuf/stubs/logging.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "model/cpu/instruction_set.h"
#include "model/process_guard.h"
#include "server/address_text.h"
#include "server/cpu_count.h"
#include "server/descriptor_limit.h"
#include "server/evaluator_threads.h"
#include "server/free_memory.h"
#include "server/http/http_server.h"
#include "server/http_access.h"
#include "server/insight/insight.h"
#include "server/insight_calls.h"
#include "server/library_environment.h"
#include "server/load_wait.h"
#include "server/memory_limit.h"
#include "server/memory_room.h"
#include "server/observe/log.h"
#include "server/observe/log_control.h"
#include "server/observe/metrics.h"
#include "server/options/parse_options.h"
#include "server/part_options.h"
#include "server/rest/rest_server.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/request_log.h"
#include "server/security.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"
#include "server/standard_streams.h"
#include "server/start_requirements.h"
#include "server/status_page/status_page.h"
#include "server/stop_signals.h"
#include "server/validate.h"

namespace mlp {
namespace {

// How often free memory is returned to the system.
constexpr std::chrono::milliseconds kHousekeeping(10'000);

// How long REST may still send answers after the drain, even if no time of the drain is left.
constexpr std::chrono::milliseconds kSending(500);

std::string ThreadsText(int threads) {
  return absl::StrCat(threads, threads == 1 ? " thread" : " threads");
}

// `descriptors`: as in Machine.
int Run(const ServerOptions& options, std::int64_t descriptors) {
  const auto start = std::chrono::steady_clock::now();
  const StopSignals stop_signals;
  std::atomic<std::int64_t> dropped_log_lines = 0;
  LogLevels log_levels(options.log_level);
  const std::shared_ptr<spdlog::logger> log =
      MakeLogger(log_levels, options.log_format, dropped_log_lines);
  LogControl log_control(*log, log_levels, options.log_format);
  const auto fail = [&](const absl::Status& status) {
    log->error("{}", std::string(status.message()));
    return 1;
  };

  log->debug("at most {} files and connections open", descriptors);
  auto abort_is_one_line = std::make_unique<AbortIsOneLine>();
  const absl::Status room = CheckRequirements(
      RequirementsOf(options.rpc_threads, options.evaluator_threads, RestThreads(options)));
  if (!room.ok()) return fail(room);
  KeepMemoryReserve();
  BoundMemory(options.max_memory_bytes);

  Metrics metrics(options.saturation_epsilon, ActivityWindow{options.saturation_window});
  metrics.ShowValue(prometheus::MetricType::Counter, "mlp_log_lines_dropped_total",
                    "Log lines that standard error did not accept.",
                    [&dropped_log_lines] { return dropped_log_lines.load(); });
  AnswerBudget answers(options.max_unread_answer_bytes);
  metrics.ShowValue(prometheus::MetricType::Gauge, "mlp_unread_answer_bytes",
                    "Bytes of answers that clients have not read yet.",
                    [&answers] { return answers.bytes(); });
  if (options.triton_metrics) metrics.ShowTritonMetrics();
  // On its own, oneTBB considers only the affinity mask, and starts no more threads than it allows.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(options.evaluator_threads));
  tbb::task_arena arena(options.evaluator_threads);
  StartEvaluatorThreads(arena);
  metrics.AddEvaluator(options.instruction_set, options.evaluator_threads);
  log->info("the evaluator runs on {} of {}, {}", std::string(NameOf(options.instruction_set)),
            NamesOf(SupportedInstructionSets()), ThreadsText(options.evaluator_threads));

  absl::StatusOr<std::unique_ptr<Security>> security =
      Security::Start(options.security, metrics, *log);
  if (!security.ok()) return fail(security.status());
  if (options.validate) return Validate(options, stop_signals, metrics, arena, *log);

  std::atomic<std::int64_t> closed_http_connections = 0;
  metrics.ShowValue(prometheus::MetricType::Counter, "mlp_http_closed_connections_total",
                    "HTTP connections closed for lack of room, time or a file descriptor.",
                    [&closed_http_connections] { return closed_http_connections.load(); });
  std::atomic<const GrpcServer*> serving = nullptr;
  const auto ready = [&serving] {
    const GrpcServer* server = serving.load();
    return server != nullptr && server->serving();
  };
  ModelCatalog models(metrics);
  Insight insight({MLP_VERSION, ready, options.self_baseline_rows}, models, metrics, *log);
  insight.Start();
  // HTTP starts first, so that probes and Prometheus see a server that is still loading.
  HttpHandlers handlers;
  handlers.ready = ready;
  handlers.metrics = [&](MetricsFormat format) {
    return format == MetricsFormat::kOpenMetrics ? metrics.ExposeOpenMetrics() : metrics.Expose();
  };
  handlers.page = [&insight](const PageTarget& target) {
    return StatusPage(insight.MakeStatus(), target);
  };
  if (options.security.http_needs_observe) {
    handlers.admit = [shared_security = security->get()](const HttpCaller& caller) {
      return AdmitHttpCaller(shared_security->gate(), caller,
                             /*encrypted=*/shared_security->http_tls() != nullptr);
    };
  }
  handlers.closed = [&](int connections) { closed_http_connections += connections; };
  absl::StatusOr<std::unique_ptr<HttpServer>> http =
      HttpServer::Start(options.http_address, std::move(handlers), (*security)->http_tls());
  if (!http.ok()) return fail(http.status());
  const char* const http_tls = (*security)->http_tls() == nullptr ? "" : ", with TLS";
  log->info("HTTP on {}, port {}{}: the status page, /live, /ready and /metrics",
            AddressText(options.http_address, (*http)->addresses()), (*http)->port(), http_tls);

  // Created before anything is served: a failure to create its thread must not break off the drain.
  OnSecondSignal second_signal(stop_signals, [&log](int second) {
    log->warn("second signal, {}: exiting immediately", second);
    log->flush();
    std::_Exit(128 + second);
  });
  ModelManager manager(ManagerOptions(options, stop_signals), models, metrics, arena, *log);
  // On a separate thread, because a file may take any time to be read.
  std::future<absl::Status> loading =
      std::async(std::launch::async, [&manager] { return manager.LoadStartSet(); });
  if (!WaitForLoad(loading, stop_signals)) {
    log->info("stopped before anything was served, during a load");
    log->flush();
    std::_Exit(0);
  }
  const absl::Status loaded = loading.get();
  if (absl::IsCancelled(loaded)) {
    log->info("signal {}: stopped before anything was served", stop_signals.Wait());
    return 0;
  }
  if (!loaded.ok()) return fail(loaded);

  RequestLog request_log(*log, log_levels, std::chrono::milliseconds(options.slow_request_ms));
  absl::StatusOr<std::unique_ptr<GrpcServer>> server = GrpcServer::Start(
      RpcOptions(options), models, manager, HandlersOf(insight), answers, metrics, request_log,
      log_control, {(*security)->gate(), (*security)->credentials()});
  if (!server.ok()) return fail(server.status());
  serving = server->get();
  std::unique_ptr<RestServer> rest;
  if (!options.rest_address.empty()) {
    absl::StatusOr<std::unique_ptr<RestServer>> started =
        RestServer::Start(RestOptions(options, **server),
                          {models, manager, (*server)->local_inference(), answers, metrics,
                           request_log, log_control, (*security)->gate(), ready,
                           [&](int connections) { closed_http_connections += connections; },
                           (*security)->http_tls()});
    if (!started.ok()) return fail(started.status());
    rest = *std::move(started);
    log->info("REST on {}, port {}{}, {}", AddressText(options.rest_address, rest->addresses()),
              rest->port(), http_tls, ThreadsText(RestThreads(options)));
  }
  (*server)->SetServing();
  metrics.models().SetServing(true);
  manager.Start([&server] { (*server)->ModelsChanged(); });
  log->info(
      "a stop takes at most {} s: the supervisor must wait that long before it kills the server",
      LongestStopSeconds(options));
  (*security)->LogWhoMayCall(options.grpc_address, options.http_address);
  if (!options.security.admin_address.empty()) {
    log->info("admin calls on {} only", (*server)->admin_addresses());
  }
  const std::string port =
      (*server)->port() == 0 ? std::string() : absl::StrCat(", port ", (*server)->port());
  log->info("gRPC on {}{}{}, {}; ready {} ms after the start",
            AddressText(options.grpc_address, (*server)->addresses()), port,
            (*security)->credentials() == nullptr ? "" : ", with TLS",
            ThreadsText(options.rpc_threads),
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                  start)
                .count());

  abort_is_one_line.reset();
  std::optional<int> stop;
  while (!(stop = stop_signals.WaitFor(kHousekeeping))) ReturnFreeMemory();
  const int signal = *stop;
  second_signal.Watch();
  metrics.models().SetServing(false);
  // Immediately, even if the manager is busy loading a version.
  (*server)->SetNotServing();
  if (options.shutdown_delay_ms > 0) {
    log->info("signal {}: no longer ready; draining starts in {} ms", signal,
              options.shutdown_delay_ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(options.shutdown_delay_ms));
  }
  log->info("signal {}: draining for at most {} s", signal, options.drain_seconds);
  manager.BeginStop();
  insight.BeginStop();
  const auto drained =
      std::chrono::steady_clock::now() + std::chrono::seconds(options.drain_seconds);
  if (rest != nullptr) rest->BeginStop();
  (*server)->Stop(std::chrono::seconds(options.drain_seconds));
  // Everything is answered; the answers remain to be sent.
  if (rest != nullptr) rest->Stop(std::max(drained, std::chrono::steady_clock::now() + kSending));
  rest.reset();
  // HTTP's probes ask the server, which is destroyed next.
  http->reset();
  if (!manager.WaitForEnd(kLoadPatience)) {
    // Everything is answered. Only a step of a load is left, which may take any time.
    log->info("stopped during a load");
    log->flush();
    std::_Exit(0);
  }
  log->info("stopped");
  return 0;
}

}  // namespace

int RunServer(int argc, const char* const* argv) {
  GainNoPrivileges();
  OpenClosedStandardStreams();
  // gRPC uses abseil's locks. As Debian builds them, each checks for deadlocks whenever it is
  // taken.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CleanLibraryEnvironment();
  // Otherwise, protobuf would log a line for each string that is not UTF-8, which any client can
  // send.
  google::protobuf::SetLogHandler(nullptr);
  // If a reader of our output stops reading, that must not end the server.
  std::signal(SIGPIPE, SIG_IGN);
  // Nor may a file that reaches RLIMIT_FSIZE: the log, or a model that a client sends.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const Machine machine{UsableCpuCount(), UsableMemoryBytes(), RaiseDescriptorLimit()};
    const auto options = ParseOptions(argc, argv, machine);
    if (const int* exit_code = std::get_if<int>(&options)) return *exit_code;
    return Run(std::get<ServerOptions>(options), machine.descriptors);
  } catch (const std::exception& error) {
    std::cerr << "mlp-server: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace mlp
