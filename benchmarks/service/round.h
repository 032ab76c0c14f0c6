// The results of one load on a server.

#ifndef MLP_BENCHMARKS_SERVICE_ROUND_H_
#define MLP_BENCHMARKS_SERVICE_ROUND_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace mlp {

// One case in one round.
struct Round {
  double requests_per_second = 0;  // answered with OK
  double p50_microseconds = 0;
  double p99_microseconds = 0;
  std::optional<double> server_cpu_microseconds;  // CPU time per request, including the kernel's
  double generator_cpu_microseconds = 0;          // the same for this program
  std::optional<double> mean_batch_rows;
};

// The middle value, or the mean of the two middle values; 0 if there are none.
double Median(std::vector<double> values);

// The median of each figure separately; none if a round lacks the figure. REQUIRES: at least one
// round.
Round MedianRound(const std::vector<Round>& rounds);

nlohmann::ordered_json ToJson(const Round& round);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ROUND_H_
