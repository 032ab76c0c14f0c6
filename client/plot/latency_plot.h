// Plots latencies over the load as an SVG.

#ifndef MLP_CLIENT_PLOT_LATENCY_PLOT_H_
#define MLP_CLIENT_PLOT_LATENCY_PLOT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace mlp {

// One measured load.
struct LatencyPoint {
  double rate = 0.0;  // requests per second
  double p50_microseconds = 0.0;
  double p90_microseconds = 0.0;
  double p99_microseconds = 0.0;
  double p999_microseconds = 0.0;
};

// A picture of 720 by 400 with one line per percentile over the rate. The latency axis is
// logarithmic. Points without a latency, from loads without answers, are left out.
std::string LatencyPlot(absl::string_view title, std::vector<LatencyPoint> points);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_LATENCY_PLOT_H_
