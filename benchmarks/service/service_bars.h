// The aims of docs/benchmarks.md for the service.

#ifndef MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_
#define MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_

#include <string>

#include "absl/status/statusor.h"
#include "benchmarks/service/bar_sides.h"

namespace mlp {

struct ServiceBarsOptions {
  BarSidesOptions sides;
  std::string sample_repository;  // whose start and idle memory are measured
  int rounds = 5;
  double seconds = 1.0;  // of a case in a round
  double warm_up_seconds = 0.3;
  std::string json;  // a file for the report with every round; may be empty
};

// Measures every aim, all cases in turn within each round, and prints "name value bar ok|short" for
// each: medians over the rounds, and of ratios the median of each round's ratio. Returns whether
// all are reached.
absl::StatusOr<bool> MeasureServiceBars(const ServiceBarsOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_
