#include "benchmarks/evaluator/machine_kernels.h"

namespace mlp {

// Each from machine_kernel_objects.cc, compiled for the instruction set of its name.
namespace baseline {
const MachineKernels& MachineKernelsOf();
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
const MachineKernels& MachineKernelsOf();
}  // namespace avx2
namespace avx512 {
const MachineKernels& MachineKernelsOf();
}  // namespace avx512
#endif

const MachineKernels& MachineKernelsOf(InstructionSet instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == InstructionSet::kAvx512) return avx512::MachineKernelsOf();
  if (instruction_set == InstructionSet::kAvx2) return avx2::MachineKernelsOf();
#else
  (void)instruction_set;
#endif
  return baseline::MachineKernelsOf();
}

}  // namespace mlp
