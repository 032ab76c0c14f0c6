// The servers that the service's aims compare, and their clients.

#ifndef MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_
#define MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "benchmarks/evaluator/networks.h"
#include "benchmarks/service/server_under_test.h"
#include "client/bench/load_generator.h"
#include "tests/temporary_folder.h"

namespace mlp {

// The names under which the two networks are served.
inline constexpr char kSmallModel[] = "small";
inline constexpr char kMiddleModel[] = "middle";

// The network served as `model`: with tanh, as in the evaluator's aims.
std::shared_ptr<const Network> NetworkOfModel(const std::string& model);

// The gRPC deadline of each request of 16 rows.
inline constexpr std::chrono::milliseconds kDeadline{100};

struct BarSidesOptions {
  std::string server;  // mlp-server
  std::string peer;    // service_peer
  int threads = 1;     // of mlp-server and the echo peer
  int connections = 1;
};

// A server and its clients.
struct BarSide {
  const ServerUnderTest* server = nullptr;
  std::string model;
  std::unique_ptr<LoadGenerator> generator;
};

// The floor including the evaluation: an echo peer that also evaluates.
struct FloorAndRows {
  std::unique_ptr<ServerUnderTest> server;
  BarSide side;
};

// All processes run for this object's lifetime. Requests have one row unless stated otherwise. No
// client checks its answers, so all clients cost the same.
class BarSides final {
 public:
  // Writes both networks into a temporary repository and starts all servers to measure.
  static absl::StatusOr<std::unique_ptr<BarSides>> Start(const BarSidesOptions& options);

  // Starts an echo peer that answers with the bytes of `side`'s answers, where `side` is one of
  // ours, and evaluates its network in batches of `rows` rows.
  absl::StatusOr<FloorAndRows> StartFloorAndRows(const BarSide& side, int rows) const;

  BarSide small;
  BarSide small_stream;
  BarSide middle;
  BarSide middle_of_16_rows;
  BarSide middle_synchronous;

 private:
  explicit BarSides(BarSidesOptions options) : options_(std::move(options)) {}

  std::filesystem::path repository() const { return folder_.path() / "repository"; }
  std::filesystem::path AnswerOf(const std::string& model) const {
    return folder_.path() / (model + ".pb");
  }

  BarSidesOptions options_;
  TemporaryFolder folder_;
  std::unique_ptr<ServerUnderTest> ours_;
  std::unique_ptr<ServerUnderTest> synchronous_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_BAR_SIDES_H_
