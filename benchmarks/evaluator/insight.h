// What it costs to see what a network does, beside its evaluation.

#ifndef MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_
#define MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// Prints a line for each of n-n-n-10 with tanh, n in 64, 256, 1,024 and 4,096, at 1 and 64 rows.
// Of each, the evaluation without any of it, and in shares of that: the sums that the evaluator
// takes of each unit; adding these up for the metrics and a judge, after 512 rows as a serving
// thread does; and watching inputs and outputs beside a reference, every k-th batch.
void MeasureInsight(InstructionSet instruction_set, const MeasureOptions& options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_INSIGHT_H_
