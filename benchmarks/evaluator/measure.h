// Times several ways to do the same, interleaved.

#ifndef MLP_BENCHMARKS_EVALUATOR_MEASURE_H_
#define MLP_BENCHMARKS_EVALUATOR_MEASURE_H_

#include <functional>
#include <vector>

namespace mlp {

struct MeasureOptions {
  int rounds = 7;
  double seconds = 0.02;  // that each side runs in a round, at least once
  // The calling thread's CPU time instead of the clock's: what others run on the core meanwhile
  // does not count. For sides of one thread.
  bool cpu_time = true;
};

// Seconds for one call of each side: of each the median over the rounds, in each of which every
// side has its turn, in an order that changes from round to round. Each runs once before.
std::vector<double> Measure(const std::vector<std::function<void()>>& sides,
                            const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_MEASURE_H_
