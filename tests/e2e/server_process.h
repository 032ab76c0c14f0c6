// A real mlp-server in a separate process, on loopback ports that it chooses.

#ifndef MLP_TESTS_E2E_SERVER_PROCESS_H_
#define MLP_TESTS_E2E_SERVER_PROCESS_H_

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/e2e/child_process.h"

namespace mlp {

class ServerProcess final {
 public:
  // Starts a server with `arguments` on free loopback ports and waits until it logs that it is
  // ready. If it ends before that, fails with its log.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(std::vector<std::string> arguments,
                                                              const Environment& environment = {});

  // The same, but only waits until the log contains `text`. The ports are unknown.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartUntil(
      const std::string& text, std::vector<std::string> arguments);

  // The server on the committed sample models.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartOnSampleModels(
      std::vector<std::string> more_arguments = {}, const Environment& environment = {});

  // Whether the tested servers come from another build than the tests: one with a sanitizer, or a
  // container image.
  static bool IsOfAnotherBuild();
  // Whether they have a sanitizer, which uses additional memory and descriptors.
  static bool HaveSanitizers();

  std::string grpc_address() const;
  int grpc_port() const { return grpc_port_; }
  int http_port() const { return http_port_; }
  int rest_port() const { return rest_port_; }  // 0 if REST is off
  std::string log() const { return child_->log(); }

  void StopReadingLog() const { child_->StopReadingLog(); }

  // As in ChildProcess. The destructor kills the server if it is still running.
  pid_t pid() const { return child_->pid(); }
  bool Running() { return child_->Running(); }
  void Signal(int signal) const { child_->Signal(signal); }
  std::optional<int> WaitForExit(std::chrono::seconds patience = std::chrono::seconds(120)) {
    return child_->WaitForExit(patience);
  }

 private:
  explicit ServerProcess(std::unique_ptr<ChildProcess> child) : child_(std::move(child)) {}

  static absl::StatusOr<std::unique_ptr<ServerProcess>> Launch(std::vector<std::string> arguments,
                                                               const Environment& environment);
  bool ReadPorts(const std::string& log);

  std::unique_ptr<ChildProcess> child_;
  int grpc_port_ = 0;
  int http_port_ = 0;
  int rest_port_ = 0;
};

// Runs mlp-server until it exits by itself.
using ServerRun = FinishedRun;
ServerRun RunServer(const std::vector<std::string>& arguments, const Environment& environment = {});

// The command that runs mlp-server.
Command ServerCommand(const std::vector<std::string>& arguments,
                      const Environment& environment = {});

// The committed sample models, in repository layout.
std::filesystem::path SampleModels();

// A file or folder below the checkout.
std::filesystem::path InCheckout(const std::string& path);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SERVER_PROCESS_H_
