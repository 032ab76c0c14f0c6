// Swaps a model repeatedly while clients send requests.

#ifndef MLP_BENCHMARKS_SERVICE_SWAPS_H_
#define MLP_BENCHMARKS_SERVICE_SWAPS_H_

#include <string>

#include "absl/status/statusor.h"

namespace mlp {

struct SwapsOptions {
  std::string server;  // mlp-server
  int swaps = 1000;
  double seconds = 600.0;  // over which the swaps are spread
};

// Sends requests for 784-512-512-10 at half the peak rate at 64 in flight, and makes the server
// replace the version by a new one `swaps` times. All versions have the same weights, so each
// answer is compared bit by bit. Prints "name value bar ok|short" for failures and for the growth
// of the process's memory. Returns whether both are within their bars.
absl::StatusOr<bool> MeasureSwaps(const SwapsOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SWAPS_H_
