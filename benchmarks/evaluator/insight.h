// The cost of statistics and watching, compared with evaluation.

#ifndef MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_
#define MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// Prints a line for each of n-n-n-10 with tanh, for n of 64, 256, 1,024 and 4,096, at 1 and 64
// rows. Each line has the time of the evaluation without any insight and, as shares of it: the
// evaluator's sums for each unit; adding these up for the metrics and a judge, after 512 rows, as a
// serving thread does; and comparing inputs and outputs with a reference for every k-th batch.
void MeasureInsight(InstructionSet instruction_set, const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_
