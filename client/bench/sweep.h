// A list of loads on the command line, each measured in turn: "1,8,64".

#ifndef MLP_CLIENT_BENCH_SWEEP_H_
#define MLP_CLIENT_BENCH_SWEEP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bench/load.h"

namespace mlp {

// Closed loops of so many requests in flight: whole numbers from 1 to kMostInFlight with commas
// between them. INVALID_ARGUMENT names the part that is none. Thread-safe.
absl::StatusOr<std::vector<LoadTarget>> ParseConcurrencies(const std::string& text);

// Open loops of so many requests a second: numbers above 0, at most kHighestRate. Thread-safe.
absl::StatusOr<std::vector<LoadTarget>> ParseRates(const std::string& text);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_SWEEP_H_
