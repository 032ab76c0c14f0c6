// Times several alternatives, interleaved.

#ifndef MLP_BENCHMARKS_EVALUATOR_MEASURE_H_
#define MLP_BENCHMARKS_EVALUATOR_MEASURE_H_

#include <functional>
#include <vector>

namespace mlp {

struct MeasureOptions {
  int rounds = 7;
  double seconds = 0.02;  // that each side runs in a round; at least one call
  // Measures the calling thread's CPU time rather than the clock's, so that other work on the core
  // does not count. For sides that use one thread.
  bool cpu_time = true;
};

// Seconds for one call of each side: the median over the rounds. Each round runs every side, in an
// order that changes from round to round. Each side runs once before the first round.
std::vector<double> Measure(const std::vector<std::function<void()>>& sides,
                            const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_MEASURE_H_
