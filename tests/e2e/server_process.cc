#include "tests/e2e/server_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatienceForStart = std::chrono::seconds(60);

// The number after `label` in `text`; none where the line is not there yet.
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

// Starts mlp-server with its standard output and error in a pipe, whose other end is put into
// `descriptor`.
pid_t StartProcess(const std::vector<std::string>& arguments,
                   const ServerProcess::Environment& environment, int& descriptor) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return -1;
  // Everything is laid out before the fork: between fork and exec a process with threads may not
  // allocate.
  std::vector<std::string> words = {MLP_SERVER_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) envp.push_back(*inherited);
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);

  const pid_t process = fork();
  if (process == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  descriptor = pipe_ends[0];
  return process;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    std::vector<std::string> arguments, const Environment& environment) {
  arguments.insert(arguments.begin(),
                   {"--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"});
  std::unique_ptr<ServerProcess> server(new ServerProcess);
  int descriptor = -1;
  server->process_ = StartProcess(arguments, environment, descriptor);
  if (server->process_ < 0) return absl::InternalError("cannot start a process");
  server->log_reader_ = std::thread([raw = server.get(), descriptor] { raw->ReadLog(descriptor); });
  const Clock::time_point deadline = Clock::now() + kPatienceForStart;
  while (!server->ReadPorts()) {
    if (!server->Running() || Clock::now() > deadline) {
      return absl::InternalError(absl::StrCat("mlp-server did not get ready:\n", server->log()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return server;
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::StartOnSampleModels(
    std::vector<std::string> more_arguments) {
  more_arguments.insert(more_arguments.begin(), {"--model-repository", SampleModels().string()});
  return Start(std::move(more_arguments));
}

ServerProcess::~ServerProcess() {
  if (Running()) {
    Signal(SIGKILL);
    WaitForExit();
  }
  if (log_reader_.joinable()) log_reader_.join();
}

std::string ServerProcess::grpc_address() const { return absl::StrCat("127.0.0.1:", grpc_port_); }

std::string ServerProcess::log() const {
  absl::MutexLock lock(&mutex_);
  return log_;
}

void ServerProcess::ReadLog(int descriptor) {
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    absl::MutexLock lock(&mutex_);
    log_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(descriptor);
}

bool ServerProcess::ReadPorts() {
  absl::MutexLock lock(&mutex_);
  const std::optional<int> http = NumberAfter(log_, "HTTP on ");
  const std::optional<int> grpc = NumberAfter(log_, "gRPC on ");
  // The line that says ready is the last one of the start.
  if (!http || !grpc || log_.find("ready ") == std::string::npos) return false;
  http_port_ = *http;
  grpc_port_ = *grpc;
  return true;
}

bool ServerProcess::Running() { return !WaitForExit(std::chrono::seconds(0)).has_value(); }

void ServerProcess::Signal(int signal) const { kill(process_, signal); }

std::optional<int> ServerProcess::WaitForExit(std::chrono::seconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  while (!exit_code_.has_value()) {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    } else if (Clock::now() >= deadline) {
      break;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return exit_code_;
}

ServerRun RunServer(const std::vector<std::string>& arguments,
                    const ServerProcess::Environment& environment) {
  ServerRun run;
  int descriptor = -1;
  const pid_t process = StartProcess(arguments, environment, descriptor);
  if (process < 0) return run;
  // A server that serves instead of ending is killed, and gives no exit code.
  std::thread killer([process, &run] {
    for (int i = 0; i < 6000; ++i) {
      int status = 0;
      if (waitpid(process, &status, WNOHANG) == process) {
        if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  });
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    run.out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(descriptor);
  killer.join();
  return run;
}

std::filesystem::path SampleModels() { return InCheckout("deploy/models/repository"); }

std::filesystem::path InCheckout(const std::string& path) {
  return std::filesystem::path(MLP_SOURCE_DIR) / path;
}

}  // namespace mlp
