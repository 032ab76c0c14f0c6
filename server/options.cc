#include "server/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/decimal.h"
#include "server/observe/activity_totals.h"

namespace mlp {
namespace {

constexpr char kExamples[] = R"(
Examples:
  mlp-server --model-repository deploy/models/repository
  mlp-server --model digits.onnx --grpc-address 127.0.0.1:9001
  MLP_MODEL_REPOSITORY=/models MLP_LOG_FORMAT=json mlp-server
  mlp-server --config mlp-server.ini        # lines such as  max-batch-rows = 256

Each option is also read from the environment, as MLP_ and its name (MLP_MAX_BATCH_ROWS).)";

constexpr std::int64_t kTera = std::int64_t{1} << 40;

// gRPC needs no more, whatever the machine has.
constexpr std::int64_t kMostGrpcMemoryBytes = std::int64_t{1} << 30;

constexpr char kRepositoryFlag[] = "--model-repository";
constexpr char kModelFlag[] = "--model";

// Empty, or what is wrong with host:port. A host with colons is an IPv6 address and stands in
// brackets, or nobody could tell its last part from a port.
std::string CheckAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const absl::string_view text = address;
  const absl::string_view host = text.substr(0, colon == std::string::npos ? 0 : colon);
  const absl::string_view port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  int number = -1;
  if (host.empty() || (absl::StrContains(host, ':') && !bracketed) || !IsDecimal(port) ||
      !absl::SimpleAtoi(port, &number) || number > 65535) {
    return absl::StrCat("'", address, "' is no address; expected host:port, as in 0.0.0.0:8001");
  }
  return "";
}

// Empty, or what is wrong. Written out, as the comparisons must be false for NaN.
std::string CheckEpsilon(const std::string& text) {
  double value = 0.0;
  if (!absl::SimpleAtod(text, &value) || !(value > 0.0 && value < 1.0)) {
    return absl::StrCat("'", text, "' is no epsilon; expected a number between 0 and 1");
  }
  return "";
}

// Takes decimal numbers only: CLI11 by itself reads 010 as 8.
CLI::Validator NumberIn(std::int64_t least, std::int64_t most) {
  const auto normalise = [least, most](std::string& text) -> std::string {
    std::int64_t number = 0;
    if (!IsDecimal(text) || !absl::SimpleAtoi(text, &number) || number < least || number > most) {
      return absl::StrCat("'", text, "' is not in range; expected a whole number from ", least,
                          " to ", most);
    }
    text = absl::StrCat(number);
    return "";
  };
  return {normalise, absl::StrCat("[", least, " - ", most, "]"), "number"};
}

// Turns one of `names`, in any case, into its number: CLI11 by itself takes any number for an
// enumeration.
CLI::Validator OneOf(std::vector<std::pair<std::string, int>> names) {
  const auto to_number = [names = std::move(names)](std::string& text) -> std::string {
    const std::string lower = absl::AsciiStrToLower(text);
    std::string known;
    for (const auto& [name, number] : names) {
      if (lower == name) {
        text = absl::StrCat(number);
        return "";
      }
      absl::StrAppend(&known, known.empty() ? "" : ", ", name);
    }
    return absl::StrCat("'", text, "' is unknown; expected one of ", known);
  };
  return {to_number, "", "name"};
}

// Turns a name into the number of the enumerator that `parse` gives for it.
template <typename Parse>
CLI::Validator NumberOf(const Parse& parse) {
  const auto to_number = [parse](std::string& text) -> std::string {
    const auto parsed = parse(text);
    if (!parsed.ok()) return std::string(parsed.status().message());
    text = absl::StrCat(static_cast<int>(*parsed));
    return "";
  };
  return {to_number, "", "name"};
}

// MLP_MAX_BATCH_ROWS for --max-batch-rows.
std::string VariableOf(absl::string_view flag) {
  std::string variable = absl::StrCat("MLP_", flag.substr(2));
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](char c) { return c == '-' ? '_' : absl::ascii_toupper(c); });
  return variable;
}

bool IsSourceFlag(absl::string_view flag) { return flag == kRepositoryFlag || flag == kModelFlag; }

class OptionReader {
 public:
  explicit OptionReader(CLI::App& app) : app_(app) {}

  template <typename Value>
  CLI::Option* Add(const std::string& name, Value& value, const std::string& help) {
    return app_.add_option("--" + name, value, help)
        ->envname(VariableOf("--" + name))
        ->capture_default_str();
  }

 private:
  CLI::App& app_;
};

// The command line with what the environment adds to it. CLI11 would read the environment last,
// after the file, and so let the file win.
class Arguments {
 public:
  Arguments(const CLI::App& app, int argc, const char* const* argv)
      : words_(argv + std::min(argc, 1), argv + argc) {
    for (const std::string& word : words_) {
      if (absl::StartsWith(word, "--")) given_.insert(word.substr(0, word.find('=')));
    }
    const bool source_given = given_.count(kRepositoryFlag) + given_.count(kModelFlag) > 0;
    for (const CLI::Option* option : app.get_options()) {
      const std::string flag = option->get_name();
      // Nothing changes the environment while it is read.
      const char* value = std::getenv(VariableOf(flag).c_str());  // NOLINT(concurrency-mt-unsafe)
      // An empty variable is one that is not set: so a container's own can be taken back.
      if (option->get_envname().empty() || value == nullptr || *value == '\0') continue;
      // The two sources exclude each other, so one on the command line stands against both.
      if (given_.count(flag) > 0 || (IsSourceFlag(flag) && source_given)) continue;
      words_.insert(words_.begin(), absl::StrCat(flag, "=", value));
      from_environment_.insert(flag);
    }
    given_.insert(from_environment_.begin(), from_environment_.end());
  }

  // As CLI11 wants them: the last one first.
  std::vector<std::string> Reversed() const { return {words_.rbegin(), words_.rend()}; }

  // Whether the command line or the environment has `flag`.
  bool Has(const std::string& flag) const { return given_.count(flag) > 0; }

  // `message` of CLI11, which begins with the flag, with the variable where that was the place. Of
  // the file it says less, and puts ".++" behind the name of a section.
  std::string Explain(const std::string& message) const {
    absl::string_view name = message;
    if (absl::ConsumePrefix(&name, "INI was not able to parse ")) {
      absl::ConsumeSuffix(&name, ".++");
      return absl::StrCat("--config: '", name, "' is unknown; expected the name of an option");
    }
    const std::string flag = message.substr(0, message.find(':'));
    if (from_environment_.count(flag) == 0) return message;
    return absl::StrCat(message, " (from ", VariableOf(flag), ")");
  }

 private:
  std::vector<std::string> words_;
  std::set<std::string> given_;
  std::set<std::string> from_environment_;
};

void AddAnswerLimits(OptionReader& reader, ServerOptions& options) {
  reader
      .Add("max-answer-bytes", options.max_answer_bytes,
           "The most bytes of one answer; a request that asks for more is refused")
      ->transform(NumberIn(1024, std::int64_t{1} << 30));
  reader
      .Add("max-untaken-answer-bytes", options.answers.bytes,
           "The most bytes of answers that clients have not taken yet; a quarter of it, of one "
           "connection")
      ->transform(NumberIn(1024, kTera));
  reader
      .Add("answer-timeout-seconds", options.answer_timeout_seconds,
           "A call whose client has not taken an answer after this is cancelled")
      ->transform(NumberIn(1, 86'400));
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
      .Add("queue-target-ms", admission.target_ms,
           "With adaptive admission: the longest wait that is taken on while the queue stands")
      ->transform(NumberIn(1, 60'000));
  reader
      .Add("queue-interval-ms", admission.interval_ms,
           "With adaptive admission: the queue stands when it has not been empty for this long")
      ->transform(NumberIn(1, 60'000));
  reader
      .Add("max-message-bytes", limits.message_bytes,
           "The longest request; 0: the longest that a model takes at the start, and 16 MiB where "
           "models may come later, or 64 MiB where clients may send them")
      ->transform(NumberIn(0, std::numeric_limits<std::int32_t>::max()));
  reader
      .Add("max-grpc-memory-bytes", limits.memory_bytes,
           "The most memory of gRPC's buffers; 0: any")
      ->transform(NumberIn(0, kTera));
  reader
      .Add("max-connections", limits.connections,
           "The most connections at once; 0: as many as there are descriptors")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("max-connections-per-address", limits.connections_of_an_address,
           "The most connections at once from one IPv4 address or IPv6 network of 64 bits; 0: any")
      ->transform(NumberIn(0, 1'000'000));
  reader.Add("max-streams", limits.streams, "The most calls at once on a connection")
      ->transform(NumberIn(1, 1'000'000));
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
           "A connection is told to go after this; 0: never")
      ->transform(NumberIn(0, 1'000'000));
  reader
      .Add("max-connection-age-grace-seconds", limits.age_grace_seconds,
           "How long the calls of a connection that was told to go may take")
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
}

// Throws what is wrong with how models are controlled.
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

// Leaves one of the two sources of models, or throws what is wrong.
void ChooseSource(const Arguments& arguments, ServerOptions& options) {
  // One of the command line or the environment goes before one of the file.
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

// The defaults that follow from what the process may use.
void SetDefaultsOf(const Machine& machine, ServerOptions& options) {
  // More of them hand each event of the network to one another (docs/decisions.md).
  options.rpc_threads = std::max(1, machine.cpus / 2);
  options.evaluator_threads = machine.cpus;
  // Requests, answers and gRPC's buffers together take half of the memory at most.
  options.admission.max_queue_bytes =
      std::min(options.admission.max_queue_bytes, machine.memory_bytes / 8);
  options.answers.bytes = std::min(options.answers.bytes, machine.memory_bytes / 8);
  options.max_answer_bytes = std::min(options.max_answer_bytes, machine.memory_bytes / 32);
  options.limits.memory_bytes = std::min(kMostGrpcMemoryBytes, machine.memory_bytes / 4);
}

// An argument may hold line breaks; an error is one line all the same.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }, ' ');
  return text;
}

}  // namespace

std::variant<ServerOptions, int> ParseOptions(int argc, const char* const* argv,
                                              const Machine& machine) {
  ServerOptions options;
  SetDefaultsOf(machine, options);
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
  AddModelControl(reader, app, options);
  reader.Add("grpc-address", options.grpc_address, "host:port for gRPC; port 0 picks a free one")
      ->check(CheckAddress, "");
  reader.Add("http-address", options.http_address, "host:port for /live, /ready and /metrics")
      ->check(CheckAddress, "");
  reader.Add("rpc-threads", options.rpc_threads, "Threads that take requests and evaluate them")
      ->transform(NumberIn(1, 1024));
  reader
      .Add("evaluator-threads", options.evaluator_threads,
           "Threads that share the evaluation of one large batch")
      ->transform(NumberIn(1, 1024));
  reader.Add("isa", options.instruction_set, "Instruction set: baseline, avx2, avx512 or neon")
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
           "How long requests in flight may take after SIGTERM")
      ->transform(NumberIn(0, 3600));
  reader
      .Add("shutdown-delay-ms", options.shutdown_delay_ms,
           "How long the server serves on after SIGTERM, told to be not serving, before it drains")
      ->transform(NumberIn(0, 3'600'000));
  AddAnswerLimits(reader, options);
  AddLimits(reader, options.admission, options.limits);
  reader
      .Add("saturation-epsilon", options.saturation_epsilon,
           "A unit is saturated where its slope is below this share of the steepest")
      ->check(CheckEpsilon, "");
  reader
      .Add("saturation-window", options.saturation_window,
           "Rows over which dead units and the means of activations are told")
      ->transform(NumberIn(ActivityWindow::kFewestRows, 1'000'000'000));
  reader
      .Add("metrics-compat", options.triton_metrics,
           "triton: show the nv_inference_* counters of Triton too; or none")
      ->transform(OneOf({{"none", 0}, {"triton", 1}}))
      ->type_name("NAME")
      ->default_str("none");
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
    options.answers.connection_bytes = options.answers.bytes / 4;
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "mlp-server: " << OneLine(arguments.Explain(error.what())) << "\n";
    return 2;
  }
  return options;
}

}  // namespace mlp
