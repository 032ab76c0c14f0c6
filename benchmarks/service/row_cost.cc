#include "benchmarks/service/row_cost.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/types/span.h"
#include "benchmarks/evaluator/measure.h"
#include "benchmarks/evaluator/networks.h"

namespace mlp {

double RowShare(double rows, double cost_below, double cost_above) {
  const double share_above = rows - std::floor(rows);
  return (cost_below + share_above * (cost_above - cost_below)) / rows;
}

RowCost::RowCost(const Network& network)
    : arena_(1),
      evaluator_(network, 0.01, arena_),
      workspace_(evaluator_.MakeWorkspace()),
      activity_(MakeNetworkActivity(evaluator_.network())) {}

void RowCost::Evaluate(std::int64_t rows) {
  float* outputs = outputs_.data();
  evaluator_.Evaluate(rows, inputs_.data(), absl::MakeConstSpan(&outputs, 1), workspace_,
                      activity_);
}

double RowCost::Microseconds(double rows) {
  const auto below = static_cast<std::int64_t>(std::floor(rows));
  const std::int64_t above = below + 1;
  const Network& network = evaluator_.network();
  inputs_ = BenchmarkInputs(above * network.inputs().front().width());
  outputs_.resize(static_cast<std::size_t>(above * network.WidthOf(network.outputs().front())));
  MeasureOptions options;
  options.rounds = 5;
  const std::vector<double> seconds =
      Measure({[&] { Evaluate(below); }, [&] { Evaluate(above); }}, options);
  return RowShare(rows, seconds[0], seconds[1]) * 1e6;
}

}  // namespace mlp
