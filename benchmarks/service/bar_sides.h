// The servers that the aims for the service compare, and their clients.

#ifndef MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_
#define MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "benchmarks/evaluator/networks.h"
#include "benchmarks/service/server_under_test.h"
#include "client/bench/load_generator.h"
#include "tests/e2e/temporary_folder.h"

namespace mlp {

// The two networks by the names under which they are served.
inline constexpr char kSmallModel[] = "small";
inline constexpr char kMiddleModel[] = "middle";

// What they are made of: tanh, as in the aims for the evaluator.
std::shared_ptr<const Network> NetworkOfModel(const std::string& model);

// For the requests of 16 rows: gRPC's deadline of each.
inline constexpr std::chrono::milliseconds kDeadline{100};

struct BarSidesOptions {
  std::string server;  // mlp-server
  std::string peer;    // service_peer
  int threads = 1;     // of mlp-server and the echo
  int connections = 1;
};

// A server and its clients.
struct BarSide {
  const ServerUnderTest* server = nullptr;
  std::string model;
  std::unique_ptr<LoadGenerator> generator;
};

// All processes run as long as this does. Requests are of one row unless they say otherwise, and
// no answer is looked at: all sides' clients do the same.
class BarSides final {
 public:
  // Writes both networks into a temporary repository, and starts all that is measured.
  static absl::StatusOr<std::unique_ptr<BarSides>> Start(const BarSidesOptions& options);

  BarSide small;
  BarSide small_stream;
  BarSide middle;
  BarSide middle_of_16_rows;
  BarSide small_echo;  // the floor: of mlp-server's answers' sizes
  BarSide middle_echo;
  BarSide middle_synchronous;

 private:
  BarSides() = default;

  TemporaryFolder folder_;
  std::unique_ptr<ServerUnderTest> ours_;
  std::unique_ptr<ServerUnderTest> small_echo_;
  std::unique_ptr<ServerUnderTest> middle_echo_;
  std::unique_ptr<ServerUnderTest> synchronous_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_
