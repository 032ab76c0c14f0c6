// The aims of docs/measurements/performance.md.

#ifndef MLP_BENCHMARKS_EVALUATOR_BARS_H_
#define MLP_BENCHMARKS_EVALUATOR_BARS_H_

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// Measures every aim and prints "name value bar ok|short" for each. Returns whether all aims are
// reached.
bool MeasureBars(InstructionSet instruction_set, const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_BARS_H_
