// Measures a network on a number of rows, together with its peers and the machine's limits.

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

// One case and the machine's limits, measured together. All NaN if the answers differ.
struct Case {
  double ours = std::nan("");            // seconds for the batch, as in the fields below
  double statistics = std::nan("");      // the layers' time with counting, divided by that without
  double eigen = std::nan("");           // compiled for the instruction set
  double eigen_baseline = std::nan("");  // compiled without options for any instruction set
  double onednn = std::nan("");          // 0 if not available
  double at_peak = std::nan("");         // for the multiply-adds at the machine's peak
  double at_bandwidth = std::nan("");    // for reading as many bytes as the weights have,
                                         // repeatedly

  double share_of_peak() const { return at_peak / ours; }
  double over_roofline() const { return ours / std::max(at_peak, at_bandwidth); }
};

Case MeasureCase(const Widths& widths, ActivationKind hidden, std::int64_t rows,
                 InstructionSet instruction_set, const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_CASES_H_
