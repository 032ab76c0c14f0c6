// The servers that the aims for the service compare, and their clients.

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

// The floor with the evaluation: an echo that also evaluates.
struct FloorAndRows {
  std::unique_ptr<ServerUnderTest> server;
  BarSide side;
};

// All processes run as long as this does. Requests are of one row unless they say otherwise, and
// no answer is looked at: all sides' clients do the same.
class BarSides final {
 public:
  // Writes both networks into a temporary repository, and starts all that is measured.
  static absl::StatusOr<std::unique_ptr<BarSides>> Start(const BarSidesOptions& options);

  // Starts what answers for `side`, one of ours, with the bytes of its answers, and evaluates its
  // network in batches of `rows` rows.
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
