#include "tests/e2e/server_process.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// The number after `label` in `text`; none if the line is not there yet.
std::optional<int> NumberAfter(absl::string_view text, absl::string_view label) {
  const std::size_t start = text.find(label);
  if (start == absl::string_view::npos) return std::nullopt;
  absl::string_view rest = text.substr(start + label.size());
  const std::size_t port = rest.find("port ");
  if (port == absl::string_view::npos) return std::nullopt;
  rest.remove_prefix(port + 5);
  int number = 0;
  if (!absl::SimpleAtoi(rest.substr(0, rest.find_first_not_of("0123456789")), &number)) {
    return std::nullopt;
  }
  return number;
}

// The program that the environment names; null for the one of this build.
const char* NamedProgram() {
  return std::getenv("TESTED_SERVER");  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

Command ServerCommand(const std::vector<std::string>& arguments, const Environment& environment) {
  const char* named = NamedProgram();
  Command command{{named != nullptr ? named : MLP_SERVER_PROGRAM}, environment};
  command.words.insert(command.words.end(), arguments.begin(), arguments.end());
  return command;
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Launch(
    std::vector<std::string> arguments, const Environment& environment) {
  const auto add_unless_given = [&arguments](const char* option, const char* value) {
    if (std::find(arguments.begin(), arguments.end(), option) != arguments.end()) return;
    arguments.insert(arguments.end(), {option, value});
  };
  add_unless_given("--grpc-address", "127.0.0.1:0");
  add_unless_given("--http-address", "127.0.0.1:0");
  // Builds with sanitizers and busy machines are slow. Only tests about overload let the server
  // refuse what is too much at the moment.
  add_unless_given("--admission", "fixed");
  // With a sanitizer, threads should meet.
  if (IsOfAnotherBuild()) add_unless_given("--rpc-threads", "2");
  auto child = ChildProcess::Start(ServerCommand(arguments, environment));
  if (!child.ok()) return child.status();
  return std::unique_ptr<ServerProcess>(new ServerProcess(*std::move(child)));
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    std::vector<std::string> arguments, const Environment& environment) {
  absl::StatusOr<std::unique_ptr<ServerProcess>> server = Launch(std::move(arguments), environment);
  if (!server.ok()) return server;
  const absl::Status ready = (*server)->child_->WaitForLog(
      [&server](const std::string& log) { return (*server)->ReadPorts(log); });
  if (!ready.ok()) return ready;
  return server;
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartUntil(
    const std::string& text, std::vector<std::string> arguments) {
  absl::StatusOr<std::unique_ptr<ServerProcess>> server = Launch(std::move(arguments), {});
  if (!server.ok()) return server;
  const absl::Status ready = (*server)->child_->WaitForLog(
      [&text](const std::string& log) { return absl::StrContains(log, text); });
  if (!ready.ok()) return ready;
  return server;
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartOnSampleModels(
    std::vector<std::string> more_arguments, const Environment& environment) {
  more_arguments.insert(more_arguments.begin(), {"--model-repository", SampleModels().string()});
  return Start(std::move(more_arguments), environment);
}

bool ServerProcess::IsOfAnotherBuild() { return NamedProgram() != nullptr; }

bool ServerProcess::HaveSanitizers() {
  // An image contains the program as shipped.
  return IsOfAnotherBuild() &&
         std::getenv("TESTED_IMAGE") == nullptr;  // NOLINT(concurrency-mt-unsafe)
}

std::string ServerProcess::grpc_address() const { return absl::StrCat("127.0.0.1:", grpc_port_); }

bool ServerProcess::ReadPorts(const std::string& log) {
  const std::optional<int> http = NumberAfter(log, "HTTP on ");
  const std::optional<int> grpc = NumberAfter(log, "gRPC on ");
  // The line with "ready" is the last one of the start.
  if (!http || !grpc || log.find("ready ") == std::string::npos) return false;
  http_port_ = *http;
  grpc_port_ = *grpc;
  rest_port_ = NumberAfter(log, "REST on ").value_or(0);
  return true;
}

ServerRun RunServer(const std::vector<std::string>& arguments, const Environment& environment) {
  return RunToItsEnd(ServerCommand(arguments, environment));
}

std::filesystem::path SampleModels() { return InCheckout("deploy/models/repository"); }

std::filesystem::path InCheckout(const std::string& path) {
  return std::filesystem::path(MLP_SOURCE_DIR) / path;
}

}  // namespace mlp
