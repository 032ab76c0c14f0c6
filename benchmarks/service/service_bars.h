// The service's aims in docs/measurements/benchmarks.md.

#ifndef MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_
#define MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_

#include <string>

#include "absl/status/statusor.h"
#include "benchmarks/service/bar_sides.h"

namespace mlp {

struct ServiceBarsOptions {
  BarSidesOptions sides;
  std::string sample_repository;  // its start and idle memory are measured
  int rounds = 5;
  double seconds = 1.0;  // duration of a case in a round
  double warm_up_seconds = 0.3;
  std::string json;  // file for the report with every round; may be empty
};

// Measures every aim and prints "name value bar ok|short" for each. Each round measures all cases
// in turn. Figures are medians over the rounds; ratios are medians of each round's ratio. Returns
// whether all aims are reached.
absl::StatusOr<bool> MeasureServiceBars(const ServiceBarsOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SERVICE_BARS_H_
