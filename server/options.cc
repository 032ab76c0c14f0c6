#include "server/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

constexpr char kExamples[] = R"(
Examples:
  mlp-server --model-repository deploy/models/repository
  mlp-server --model digits.onnx --grpc-address 127.0.0.1:9001
  MLP_MODEL_REPOSITORY=/models MLP_LOG_FORMAT=json mlp-server
  mlp-server --config mlp-server.ini        # lines such as  max-batch-rows = 256

Each option is also read from the environment, as MLP_ and its name (MLP_MAX_BATCH_ROWS).)";

// Empty, or what is wrong with host:port.
std::string CheckAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(absl::string_view(address).substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
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

class OptionReader {
 public:
  explicit OptionReader(CLI::App& app) : app_(app) {}

  template <typename Value>
  CLI::Option* Add(const std::string& name, Value& value, const std::string& help) {
    std::string variable = "MLP_" + name;
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](char c) { return c == '-' ? '_' : absl::ascii_toupper(c); });
    return app_.add_option("--" + name, value, help)->envname(variable)->capture_default_str();
  }

 private:
  CLI::App& app_;
};

}  // namespace

std::variant<ServerOptions, int> ParseOptions(int argc, const char* const* argv, int cpus) {
  ServerOptions options;
  options.rpc_threads = cpus;
  options.evaluator_threads = cpus;

  CLI::App app("Serves trained multi-layer perceptrons over gRPC in the Open Inference Protocol.",
               "mlp-server");
  app.footer(kExamples);
  app.set_version_flag("--version",
                       absl::StrCat("mlp-server ", MLP_VERSION, " (", MLP_GIT_REVISION, ")"));
  app.set_config("--config", "", "A file with options, name = value on each line");
  app.allow_config_extras(false);

  OptionReader reader(app);
  CLI::Option* repository = reader.Add("model-repository", options.model_repository,
                                       "Folder with <model>/<version>/model.onnx");
  CLI::Option* model =
      reader.Add("model", options.model, "One ONNX file, served as a repository of one");
  repository->excludes(model);
  reader.Add("grpc-address", options.grpc_address, "host:port for gRPC; port 0 picks a free one")
      ->check(CheckAddress, "");
  reader
      .Add("http-address", options.http_address,
           "host:port for /live, /ready and /metrics, the host as a number")
      ->check(CheckAddress, "");
  reader.Add("rpc-threads", options.rpc_threads, "Threads that take requests and evaluate them")
      ->check(CLI::Range(1, 1024));
  reader
      .Add("evaluator-threads", options.evaluator_threads,
           "Threads that share the evaluation of one large batch")
      ->check(CLI::Range(1, 1024));
  reader
      .Add("max-batch-rows", options.max_batch_rows,
           "The most rows of a request, and of requests that are evaluated together")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20));
  reader
      .Add("drain-seconds", options.drain_seconds,
           "How long requests in flight may take after SIGTERM")
      ->check(CLI::Range(0, 3600));
  reader
      .Add("saturation-epsilon", options.saturation_epsilon,
           "A unit is saturated where its slope is below this share of the steepest")
      ->check(CheckEpsilon, "");
  reader
      .Add("saturation-window", options.saturation_window,
           "Rows over which dead units and the means of activations are told")
      ->check(CLI::Range(std::int64_t{1000}, std::int64_t{1'000'000'000}));
  const std::map<std::string, spdlog::level::level_enum> levels = {{"debug", spdlog::level::debug},
                                                                   {"info", spdlog::level::info},
                                                                   {"warning", spdlog::level::warn},
                                                                   {"error", spdlog::level::err}};
  reader.Add("log-level", options.log_level, "debug, info, warning or error")
      ->transform(CLI::Transformer(levels, CLI::ignore_case))
      ->option_text("LEVEL")
      ->default_str("info");
  const std::map<std::string, LogFormat> formats = {{"text", LogFormat::kText},
                                                    {"json", LogFormat::kJson}};
  reader.Add("log-format", options.log_format, "text or json")
      ->transform(CLI::Transformer(formats, CLI::ignore_case))
      ->option_text("FORMAT")
      ->default_str("text");

  try {
    app.parse(argc, argv);
    if (options.model_repository.empty() && options.model.empty()) {
      throw CLI::RequiredError("--model-repository or --model");
    }
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "mlp-server: " << error.what() << "\n";
    return 2;
  }
  return options;
}

}  // namespace mlp
