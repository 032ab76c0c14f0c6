// Parses a list of loads from the command line, to be measured in turn: "1,8,64".

#ifndef MLP_CLIENT_BENCH_SWEEP_H_
#define MLP_CLIENT_BENCH_SWEEP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/bench/load.h"

namespace mlp {

// Closed loops with these numbers of requests in flight: whole numbers from 1 to kMaxInFlight,
// separated by commas. INVALID_ARGUMENT names the invalid part. Thread-safe.
absl::StatusOr<std::vector<LoadTarget>> ParseConcurrencies(const std::string& text);

// Open loops with these rates in requests per second: above 0, at most kHighestRate. Thread-safe.
absl::StatusOr<std::vector<LoadTarget>> ParseRates(const std::string& text);

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_SWEEP_H_
