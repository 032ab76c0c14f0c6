// The networks that evaluator_benchmark measures, and one of them measured on a number of rows
// beside its peers and the machine's limits.

#ifndef MLP_BENCHMARKS_EVALUATOR_CASES_H_
#define MLP_BENCHMARKS_EVALUATOR_CASES_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"
#include "model/network.h"

namespace mlp {

// The inputs of a network and the units of each of its layers.
using Widths = std::vector<std::int64_t>;

Widths SmallNetwork();
Widths MiddleNetwork();
Widths DeepNetwork();
Widths WideNetwork();

// All four.
std::vector<Widths> BenchmarkNetworks();

// As "784-512-512-10".
std::string NameOf(const Widths& widths);

// The weights of all layers, and so the multiply-adds of a row.
std::int64_t WeightsOf(const Widths& widths);

// Dense layers with normally distributed weights; `hidden` is the activation of all but the last.
std::shared_ptr<const Network> NetworkOf(const Widths& widths, ActivationKind hidden);

// `count` normally distributed inputs, always the same.
std::vector<float> BenchmarkInputs(std::int64_t count);

// One case and the machine's limits, measured beside each other. All NaN where the answers differ.
struct Case {
  double ours = std::nan("");  // seconds for the batch, and so the next four
  double without_statistics = std::nan("");
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
