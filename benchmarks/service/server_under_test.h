// The server being measured: a separate process on loopback, started here or already running.

#ifndef MLP_BENCHMARKS_SERVICE_SERVER_UNDER_TEST_H_
#define MLP_BENCHMARKS_SERVICE_SERVER_UNDER_TEST_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/credentials.h"

namespace mlp {

// mlp_batch_rows over all versions of a model, since the server started.
struct BatchRows {
  double batches = 0;
  double rows = 0;
};

class ServerUnderTest final {
 public:
  // Starts `program` with the models of `repository`, on free loopback ports, and waits up to 60 s
  // until its health service answers SERVING. The process inherits the environment, so
  // MLP_RPC_THREADS and similar variables apply; errors that the server logs go to our standard
  // error. `more_arguments` are added to the program's arguments. The health service is asked with
  // `credentials`.
  static absl::StatusOr<std::unique_ptr<ServerUnderTest>> Start(
      const std::string& program, const std::string& repository,
      const std::vector<std::string>& more_arguments = {},
      const ClientCredentials& credentials = {});

  // Starts `program` with --address and `arguments`, and waits up to 60 s until it listens. It
  // needs neither a health service nor /metrics.
  static absl::StatusOr<std::unique_ptr<ServerUnderTest>> StartPeer(
      const std::string& program, const std::vector<std::string>& arguments);

  // A running server at `grpc_address`, with /metrics at port `http_port` of this machine; 0 if it
  // has none.
  static std::unique_ptr<ServerUnderTest> Attach(const std::string& grpc_address, int http_port);

  // Stops a server that was started here: SIGTERM, then SIGKILL if it is still running after 15 s.
  ~ServerUnderTest();

  ServerUnderTest(const ServerUnderTest&) = delete;
  ServerUnderTest& operator=(const ServerUnderTest&) = delete;

  const std::string& grpc_address() const { return grpc_address_; }

  // From just before the process is created to the answer SERVING. None if it was not started here.
  std::optional<absl::Duration> start_to_ready() const { return start_to_ready_; }

  // User and system time of the process so far: from the kernel's process clock if it was started
  // here, otherwise from process_cpu_seconds_total. None if neither is available.
  std::optional<absl::Duration> CpuTime() const;

  // None if the process was not started here.
  std::optional<std::int64_t> ResidentBytes() const;

  // None if there are no such metrics.
  std::optional<BatchRows> ReadBatchRows(const std::string& model) const;

 private:
  ServerUnderTest() = default;

  // Creates the process and waits until `grpc_port` accepts connections.
  absl::Status StartListening(std::vector<std::string> words, int grpc_port);

  bool Running();

  std::string grpc_address_;
  int http_port_ = 0;
  pid_t process_ = -1;  // -1 if it was not started here or has ended
  std::optional<absl::Duration> start_to_ready_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SERVER_UNDER_TEST_H_
