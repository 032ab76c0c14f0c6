// A model that is swapped again and again while it is asked.

#ifndef MLP_BENCHMARKS_SERVICE_SWAPS_H_
#define MLP_BENCHMARKS_SERVICE_SWAPS_H_

#include <string>

#include "absl/status/statusor.h"

namespace mlp {

struct SwapsOptions {
  std::string server;  // mlp-server
  int swaps = 1000;
  double seconds = 600.0;  // over which they are spread
};

// Asks a server for 784-512-512-10 at half the rate that it reaches at 64 in flight, and has it
// load a new version in place of the old one `swaps` times. All versions have the same weights, so
// that each answer is compared to the bit. Prints "name value bar ok|short" for what went wrong and
// for the memory that the process has grown by; returns whether both are as they should be.
absl::StatusOr<bool> MeasureSwaps(const SwapsOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SWAPS_H_
