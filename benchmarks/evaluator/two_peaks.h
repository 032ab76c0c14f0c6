// Checks whether two CPUs of this machine are two cores.

#ifndef MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_
#define MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// Below this, two CPUs count as two threads of one core.
inline constexpr double kMinSpeedUpOfTwoCores = 1.6;

// The speed of two copies of the peak loop together, divided by that of one copy alone: the
// greatest possible gain from two threads.
double SpeedUpOfTwoPeaks(InstructionSet instruction_set, MeasureOptions options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_
