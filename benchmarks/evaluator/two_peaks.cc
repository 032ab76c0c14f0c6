#include "benchmarks/evaluator/two_peaks.h"

#include <thread>
#include <vector>

#include "benchmarks/evaluator/machine_kernels.h"

namespace mlp {

double SpeedUpOfTwoPeaks(InstructionSet instruction_set, MeasureOptions options) {
  options.cpu_time = false;
  const MachineKernels& machine = MachineKernelsOf(instruction_set);
  constexpr std::int64_t kCounts = 20'000'000;  // takes long compared with a thread's migration to
                                                // another core
  const auto once = [&machine] {
    volatile float sink = machine.multiply_add(kCounts);
    static_cast<void>(sink);
  };
  const std::vector<double> seconds = Measure({once,
                                               [&] {
                                                 std::thread other(once);
                                                 once();
                                                 other.join();
                                               }},
                                              options);
  return 2 * seconds[0] / seconds[1];
}

}  // namespace mlp
