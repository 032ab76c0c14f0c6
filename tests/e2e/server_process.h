// A real mlp-server in a process of its own, on ports of this machine's loopback that it picks.

#ifndef MLP_TESTS_E2E_SERVER_PROCESS_H_
#define MLP_TESTS_E2E_SERVER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace mlp {

class ServerProcess final {
 public:
  using Environment = std::map<std::string, std::string>;

  // Starts a server with `arguments` on free loopback ports and waits until it logs that it is
  // ready; fails with what it logged where it ends before.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(std::vector<std::string> arguments,
                                                              const Environment& environment = {});

  // The server on the committed sample models.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> StartOnSampleModels(
      std::vector<std::string> more_arguments = {});

  // Kills what still runs.
  ~ServerProcess();

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string grpc_address() const;
  int http_port() const { return http_port_; }
  std::string log() const ABSL_LOCKS_EXCLUDED(mutex_);

  bool Running();
  void Signal(int signal) const;

  // Waits for the end; the exit code, -signal where a signal killed it, none after `patience`.
  std::optional<int> WaitForExit(std::chrono::seconds patience = std::chrono::seconds(60));

 private:
  ServerProcess() = default;

  void ReadLog(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);
  bool ReadPorts() ABSL_LOCKS_EXCLUDED(mutex_);

  pid_t process_ = -1;
  std::optional<int> exit_code_;
  int grpc_port_ = 0;
  int http_port_ = 0;
  std::thread log_reader_;
  mutable absl::Mutex mutex_;
  std::string log_ ABSL_GUARDED_BY(mutex_);
};

// Runs mlp-server to its end, which has to come by itself.
struct ServerRun {
  std::optional<int> exit_code;
  std::string out;  // standard output and error
};
ServerRun RunServer(const std::vector<std::string>& arguments,
                    const ServerProcess::Environment& environment = {});

// The committed sample models, in repository layout.
std::filesystem::path SampleModels();

// A file or folder below the checkout.
std::filesystem::path InCheckout(const std::string& path);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SERVER_PROCESS_H_
