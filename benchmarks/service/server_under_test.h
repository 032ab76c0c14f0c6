// The server that is measured: a process of its own on loopback, started here or there already.

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

// mlp_batch_rows of all versions of a model, since the start of the server.
struct BatchRows {
  double batches = 0;
  double rows = 0;
};

class ServerUnderTest final {
 public:
  // Starts `program` on the models of `repository` on free ports of loopback, and waits, at most
  // 60 s, until its health service says SERVING. The environment is handed on, so that
  // MLP_RPC_THREADS and the like can be set there; what the server logs as an error comes to our
  // standard error. `more_arguments` are the program's; by `credentials` its health is asked.
  static absl::StatusOr<std::unique_ptr<ServerUnderTest>> Start(
      const std::string& program, const std::string& repository,
      const std::vector<std::string>& more_arguments = {},
      const ClientCredentials& credentials = {});

  // Starts `program` with --address and `arguments`, and waits, at most 60 s, until it listens
  // there. It needs neither a health service nor /metrics.
  static absl::StatusOr<std::unique_ptr<ServerUnderTest>> StartPeer(
      const std::string& program, const std::vector<std::string>& arguments);

  // A server that runs, at `grpc_address` and with /metrics at port `http_port` of this machine; 0
  // where it has none.
  static std::unique_ptr<ServerUnderTest> Attach(const std::string& grpc_address, int http_port);

  // Ends a server that was started here: SIGTERM, and SIGKILL where that does not do within 15 s.
  ~ServerUnderTest();

  ServerUnderTest(const ServerUnderTest&) = delete;
  ServerUnderTest& operator=(const ServerUnderTest&) = delete;

  const std::string& grpc_address() const { return grpc_address_; }

  // From just before the process was made to the answer SERVING. None where it was not started
  // here.
  std::optional<absl::Duration> start_to_ready() const { return start_to_ready_; }

  // User and system time of the process so far: from the kernel's clock of the process where it was
  // started here, else from process_cpu_seconds_total; none where there is neither.
  std::optional<absl::Duration> CpuTime() const;

  // None where the process was not started here.
  std::optional<std::int64_t> ResidentBytes() const;

  // None where there are no such metrics.
  std::optional<BatchRows> ReadBatchRows(const std::string& model) const;

 private:
  ServerUnderTest() = default;

  // Makes the process, and waits until `grpc_port` takes connections.
  absl::Status StartListening(std::vector<std::string> words, int grpc_port);

  bool Running();

  std::string grpc_address_;
  int http_port_ = 0;
  pid_t process_ = -1;  // -1 where it was not started here or has ended
  std::optional<absl::Duration> start_to_ready_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SERVER_UNDER_TEST_H_
