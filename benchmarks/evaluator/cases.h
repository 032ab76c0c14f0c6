// A network measured on a number of rows, beside its peers and the machine's limits.

#ifndef MLP_BENCHMARKS_EVALUATOR_CASES_H_
#define MLP_BENCHMARKS_EVALUATOR_CASES_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "benchmarks/evaluator/measure.h"
#include "benchmarks/evaluator/networks.h"
#include "model/cpu/instruction_set.h"
#include "model/network.h"

namespace mlp {

// One case and the machine's limits, measured beside each other. All NaN where the answers differ.
struct Case {
  double ours = std::nan("");            // seconds for the batch, and so the others
  double statistics = std::nan("");      // the layers' time with the counting over that without
  double eigen = std::nan("");           // compiled for the instruction set
  double eigen_baseline = std::nan("");  // compiled without options for any instruction set
  double onednn = std::nan("");          // 0 where there is none
  double at_peak = std::nan("");         // the multiply-adds at the machine's peak
  double at_bandwidth = std::nan("");    // reading as many bytes as the weights have, repeatedly

  double share_of_peak() const { return at_peak / ours; }
  double over_roofline() const { return ours / std::max(at_peak, at_bandwidth); }
};

Case MeasureCase(const Widths& widths, ActivationKind hidden, std::int64_t rows,
                 InstructionSet instruction_set, const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_CASES_H_
