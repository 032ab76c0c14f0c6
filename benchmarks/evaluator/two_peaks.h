// Whether two CPUs of this machine are two cores.

#ifndef MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_
#define MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_

#include "benchmarks/evaluator/measure.h"
#include "model/cpu/instruction_set.h"

namespace mlp {

// Under this, two CPUs are taken for two threads of one core.
inline constexpr double kLeastSpeedUpOfTwoCores = 1.6;

// What two copies of the peak loop do together over what one does alone: more than it, two threads
// cannot gain.
double SpeedUpOfTwoPeaks(InstructionSet instruction_set, MeasureOptions options);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_EVALUATOR_TWO_PEAKS_H_
