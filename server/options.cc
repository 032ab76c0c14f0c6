#include "server/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <limits>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "server/default_options.h"
#include "server/observe/activity_totals.h"
#include "server/option_reader.h"
#include "server/variable_check.h"

namespace mlp {
namespace {

constexpr char kExamples[] = R"(
Examples:
  mlp-server --model-repository deploy/models/repository
  mlp-server --model digits.onnx --grpc-address 127.0.0.1:9001
  MLP_MODEL_REPOSITORY=/models MLP_LOG_FORMAT=json mlp-server
  mlp-server --config mlp-server.ini        # lines such as  max-batch-rows = 256

Each option but --validate is also read from the environment, as MLP_ and its name
(MLP_MAX_BATCH_ROWS).)";

constexpr std::int64_t kTera = std::int64_t{1} << 40;

// Time for what is left after the drain: cancelled calls, HTTP, the current step of a load.
constexpr std::int64_t kEndSeconds = 2;

void AddAnswerLimits(OptionReader& reader, ServerOptions& options) {
  reader
      .Add("max-answer-bytes", options.max_answer_bytes,
           "The most bytes of one answer; a request that asks for more is refused")
      ->transform(NumberIn(1024, std::int64_t{1} << 30));
  reader
      .Add(
          "max-untaken-answer-bytes", options.max_untaken_answer_bytes,
          "The most bytes of answers that clients have not taken yet; of one connection, a quarter "
          "of what the others leave")
      ->transform(NumberIn(1024, kTera));
  reader
      .Add("answer-timeout-seconds", options.answer_timeout_seconds,
           "A call whose client has not taken an answer after this is cancelled")
      ->transform(NumberIn(1, 86'400));
}

void AddMemoryBound(OptionReader& reader, ServerOptions& options) {
  reader
      .Add("max-memory-bytes", options.max_memory_bytes,
           "The most memory that the process is to hold: loads and large requests beyond it are "
           "refused; 0: any")
      ->transform(NumberIn(0, kTera));
}

void AddLimits(OptionReader& reader, AdmissionOptions& admission, ConnectionLimits& limits) {
  reader
      .Add("max-queue-rows", admission.max_queue_rows, "The most rows that wait, over all models")
      ->transform(NumberIn(1, kTera));
  reader
      .Add("max-queue-bytes", admission.max_queue_bytes,
           "The most bytes of requests that wait, over all models")
      ->transform(NumberIn(1, kTera));
  reader
      .Add("admission", admission.adaptive,
           "adaptive: refuse requests that would wait too long; fixed: by the rows and bytes alone")
      ->transform(OneOf({{"adaptive", 1}, {"fixed", 0}}))
      ->type_name("NAME")
      ->default_str("adaptive");
  reader
      .Add(
          "queue-target-ms", admission.target_ms,
          "With adaptive admission: the queueing delay beyond which requests are refused while the "
          "queue is standing, if a few batches or requests of their size do not take longer")
      ->transform(NumberIn(1, 60'000));
  reader
      .Add("queue-interval-ms", admission.interval_ms,
           "With adaptive admission: the queue of a model on a thread is standing if it has not "
           "been "
           "empty for this long; in place of the target until then")
      ->transform(NumberIn(1, 60'000));
  reader
      .Add("max-message-bytes", limits.message_bytes,
           "The longest request; 0: the longest that a model takes at the start, and 16 MiB where "
           "models may come later, or 64 MiB where clients may send them")
      ->transform(ZeroOrNumberIn(1024, std::numeric_limits<std::int32_t>::max()));
  reader
      .Add("max-grpc-memory-bytes", limits.memory_bytes,
           "The most memory of gRPC's buffers; 0: any")
      ->transform(ZeroOrNumberIn(1 << 20, kTera));
  reader
      .Add("max-connections", limits.connections,
           "The most connections at once; 0: as many as there are descriptors. With TLS, each "
           "takes four times the memory, so the default is a quarter of the one here")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("max-connections-per-address", limits.connections_of_an_address,
           "The most connections at once from one IPv4 address or IPv6 network of 64 bits; 0: any")
      ->transform(NumberIn(0, 1'000'000));
  reader.Add("max-streams", limits.streams, "The most calls at once on a connection")
      ->transform(NumberIn(1, 1'000'000));
  reader
      .Add("max-open-streams", limits.open_streams,
           "The most ModelStreamInfer calls at once, over all connections; of one connection, a "
           "quarter of what the others leave, but always one; 0: any")
      ->transform(NumberIn(0, kMostOpenStreams));
  reader.Add("max-metadata-bytes", limits.metadata_bytes, "The most bytes of a call's headers")
      ->transform(NumberIn(1024, 1 << 20));
  reader
      .Add("handshake-ms", limits.handshake_ms,
           "How long a new connection may take until it has spoken HTTP/2")
      ->transform(NumberIn(1, 3'600'000));
  reader
      .Add("max-connection-idle-seconds", limits.idle_seconds,
           "A connection without calls is closed after this; 0: never")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("max-connection-age-seconds", limits.age_seconds,
           "A connection is asked to end (GOAWAY) after this; 0: never")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("max-connection-age-grace-seconds", limits.age_grace_seconds,
           "How long calls may go on after their connection was asked to end")
      ->transform(NumberIn(1, 1'000'000));
  reader
      .Add("keepalive-seconds", limits.keepalive_seconds,
           "A silent client is asked after this whether it is there; 0: gRPC's own two hours")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("keepalive-timeout-seconds", limits.keepalive_timeout_seconds,
           "A client that does not answer is taken for gone after this")
      ->transform(NumberIn(1, 1'000'000));
  reader
      .Add("min-ping-interval-seconds", limits.least_ping_interval_seconds,
           "A client without calls that pings more often is cut off")
      ->transform(NumberIn(1, 1'000'000));
}

void AddModelControl(OptionReader& reader, CLI::App& app, ServerOptions& options) {
  reader
      .Add("model-control", options.model_control,
           "none: load every model, at the start only; poll: follow the repository; explicit: load "
           "what is asked for")
      ->transform(OneOf({{"none", static_cast<int>(ModelControl::kNone)},
                         {"poll", static_cast<int>(ModelControl::kPoll)},
                         {"explicit", static_cast<int>(ModelControl::kExplicit)}}))
      ->type_name("NAME")
      ->default_str("none");
  reader
      .Add("poll-seconds", options.poll_seconds,
           "How often to look at the repository, to follow it (poll) or to list it (explicit)")
      ->transform(NumberIn(1, 86'400));
  reader
      .Add(
          "load-model", options.load_models,
          "With --model-control explicit: a model to load at the start, or * for all; may be given "
          "many times")
      ->delimiter(',')
      ->default_str("");
  app.add_flag("--allow-rpc-model-files", options.allow_rpc_model_files,
               "Take models and configurations that clients send with RepositoryModelLoad")
      ->envname(VariableOf("--allow-rpc-model-files"));
  app.add_flag("--external-data-hard-links", options.external_data_hard_links,
               "Read tensors from files beside a model that have other names too")
      ->envname(VariableOf("--external-data-hard-links"));
}

// Throws if the options of model control contradict each other.
void CheckModelControl(const ServerOptions& options) {
  if (options.model_control != ModelControl::kNone && !options.model.empty()) {
    throw std::invalid_argument(absl::StrCat("--model-control: a model of ", kModelFlag,
                                             " does not change; expected none, or ",
                                             kRepositoryFlag));
  }
  if (options.model_control == ModelControl::kExplicit) return;
  if (!options.load_models.empty()) {
    throw std::invalid_argument("--load-model: expected --model-control explicit with it");
  }
  if (options.allow_rpc_model_files) {
    throw std::invalid_argument(
        "--allow-rpc-model-files: expected --model-control explicit with it");
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

// Leaves exactly one of the two sources of models, or throws.
void ChooseSource(const Arguments& arguments, ServerOptions& options) {
  // The command line and the environment override the file.
  const bool repository_given = arguments.Has(kRepositoryFlag);
  if (repository_given != arguments.Has(kModelFlag)) {
    (repository_given ? options.model : options.model_repository).clear();
  }
  if (options.model_repository.empty() && options.model.empty()) {
    throw std::invalid_argument(absl::StrCat(kRepositoryFlag, " or ", kModelFlag, " is required"));
  }
  if (!options.model_repository.empty() && !options.model.empty()) {
    throw std::invalid_argument(
        absl::StrCat(kRepositoryFlag, " and ", kModelFlag, " exclude each other; expected one"));
  }
}

}  // namespace

std::int64_t LongestStopSeconds(const ServerOptions& options) {
  return (options.shutdown_delay_ms + 999) / 1000 + options.drain_seconds + kEndSeconds;
}

std::variant<ServerOptions, int> ParseOptions(int argc, const char* const* argv,
                                              const Machine& machine) {
  ServerOptions options = DefaultOptions(machine);
  CLI::App app("Serves trained multi-layer perceptrons over gRPC in the Open Inference Protocol.",
               "mlp-server");
  app.footer(kExamples);
  app.set_version_flag("--version",
                       absl::StrCat("mlp-server ", MLP_VERSION, " (", MLP_GIT_REVISION, ")"));
  app.set_config("--config", "", "A file with options, name = value on each line")
      ->envname("MLP_CONFIG");
  app.allow_config_extras(false);

  OptionReader reader(app);
  reader.Add("model-repository", options.model_repository,
             "Folder with <model>/<version>/model.onnx");
  reader.Add("model", options.model, "One ONNX file, served as a repository of one");
  app.add_flag(
      "--validate", options.validate,
      "Load all models as at a start, with their settings and test vectors, and end: with exit "
      "code 0 where none is refused");
  AddModelControl(reader, app, options);
  reader
      .Add("grpc-address", options.grpc_address,
           "host:port for gRPC; port 0 picks a free one; or unix: and a path")
      ->check(CheckGrpcAddress, "");
  reader
      .Add("http-address", options.http_address,
           "host:port for the status page, /live, /ready and /metrics")
      ->check(CheckAddress, "");
  reader
      .Add("rest-address", options.rest_address,
           "host:port for the protocol over HTTP and JSON; not served where it is not given")
      ->check(CheckAddress, "")
      ->default_str("");
  reader.Add("rpc-threads", options.rpc_threads, "Threads that take requests and evaluate them")
      ->transform(NumberIn(1, 1024));
  reader
      .Add("evaluator-threads", options.evaluator_threads,
           "Threads that share the evaluation of one large batch")
      ->transform(NumberIn(1, 1024));
  reader
      .Add("isa", options.instruction_set,
           absl::StrCat("Instruction set, one of ", NamesOf(kEveryInstructionSet)))
      ->transform(NumberOf([](const std::string& name) {
        return ChooseInstructionSet(name, SupportedInstructionSets());
      }))
      ->type_name("NAME")
      ->default_str("the best this CPU has");
  reader
      .Add("weights", options.weights,
           "How dense layers' weights are kept: float32, bfloat16 or int8")
      ->transform(NumberOf(ParseWeightStorage))
      ->type_name("NAME")
      ->default_str("float32");
  reader
      .Add("max-batch-rows", options.max_batch_rows,
           "The most rows of a request, and of requests that are evaluated together")
      ->transform(NumberIn(1, 1 << 20));
  reader
      .Add("drain-seconds", options.drain_seconds,
           "How long the end may take after SIGTERM and the delay")
      ->transform(NumberIn(0, 3600));
  reader
      .Add("shutdown-delay-ms", options.shutdown_delay_ms,
           "Time to keep serving after SIGTERM, with health NOT_SERVING, before draining")
      ->transform(NumberIn(0, 3'600'000));
  reader
      .Add(
          "grace-period-seconds", options.grace_period_seconds,
          "How long a stop may take before the process is killed (terminationGracePeriodSeconds of "
          "a pod): too short for the delay and the drain, the server does not start; 0: not told")
      ->transform(NumberIn(0, 86'400));
  AddSecurityOptions(reader, app, options.security);
  AddMemoryBound(reader, options);
  AddAnswerLimits(reader, options);
  AddLimits(reader, options.admission, options.limits);
  reader
      .Add("saturation-epsilon", options.saturation_epsilon,
           "A unit is saturated where its slope is below this share of the steepest")
      ->check(CheckEpsilon, "");
  reader
      .Add("saturation-window", options.saturation_window,
           "Rows of the window that dead units and means of activations are measured over")
      ->transform(NumberIn(ActivityWindow::kLeastRows, 1'000'000'000));
  reader
      .Add(
          "self-baseline", options.self_baseline_rows,
          "Rows of live traffic that a model without a baseline learns one from, 4 bytes of memory "
          "for each value until then; 0: it has none")
      ->transform(ZeroOrNumberIn(300, 10'000'000));
  reader
      .Add("metrics-compat", options.triton_metrics,
           "triton: show the nv_inference_* counters of Triton too; or none")
      ->transform(OneOf({{"none", 0}, {"triton", 1}}))
      ->type_name("NAME")
      ->default_str("none");
  reader
      .Add("slow-request-ms", options.slow_request_ms,
           "The log tells of requests that take so long, and of those that fail: of one a second; "
           "0: of none")
      ->transform(NumberIn(0, 3'600'000));
  reader.Add("log-level", options.log_level, "debug, info, warning or error")
      ->transform(OneOf({{"debug", spdlog::level::debug},
                         {"info", spdlog::level::info},
                         {"warning", spdlog::level::warn},
                         {"error", spdlog::level::err}}))
      ->type_name("LEVEL")
      ->default_str("info");
  reader.Add("log-format", options.log_format, "text or json")
      ->transform(OneOf({{"text", static_cast<int>(LogFormat::kText)},
                         {"json", static_cast<int>(LogFormat::kJson)}}))
      ->type_name("FORMAT")
      ->default_str("text");

  const Arguments arguments(app, argc, argv);
  try {
    app.parse(arguments.Reversed());
    ChooseSource(arguments, options);
    CheckModelControl(options);
    CheckGracePeriod(options);
    if (app.get_option("--max-connections")->count() == 0) {
      options.limits.connections =
          DefaultConnections(machine, /*tls=*/!options.security.tls_certificate.empty());
    }
    CheckSecurity(options.security, options.grpc_address, options.http_address,
                  options.rest_address);
    if (const std::string wrong = CheckVariables(environ, VariablesOf(app)); !wrong.empty()) {
      throw std::invalid_argument(wrong);
    }
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "mlp-server: " << arguments.Explain(error.what()) << "\n";
    return 2;
  }
  return options;
}

}  // namespace mlp
