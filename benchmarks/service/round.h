// What one load on a server measured.

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
  std::optional<double> server_cpu_microseconds;  // for each request, kernel included
  double generator_cpu_microseconds = 0;          // the same of this program
  std::optional<double> mean_batch_rows;
};

// The middle value, or the mean of the two in the middle; 0 of none.
double Median(std::vector<double> values);

// Each figure's median by itself; none where a round lacks it. At least one round.
Round MedianRound(const std::vector<Round>& rounds);

nlohmann::ordered_json ToJson(const Round& round);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ROUND_H_
