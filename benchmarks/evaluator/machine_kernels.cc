#include "benchmarks/evaluator/machine_kernels.h"

namespace mlp {

// Each from machine_kernel_objects.cc, compiled for the instruction set of its name.
#if defined(__aarch64__)
namespace neon {
const MachineKernels& MachineKernelsOf();
}  // namespace neon
#else
namespace baseline {
const MachineKernels& MachineKernelsOf();
}  // namespace baseline
namespace avx2 {
const MachineKernels& MachineKernelsOf();
}  // namespace avx2
namespace avx512 {
const MachineKernels& MachineKernelsOf();
}  // namespace avx512
#endif

const MachineKernels& MachineKernelsOf(InstructionSet instruction_set) {
#if defined(__aarch64__)
  (void)instruction_set;
  return neon::MachineKernelsOf();
#else
  if (instruction_set == InstructionSet::kAvx512) return avx512::MachineKernelsOf();
  if (instruction_set == InstructionSet::kAvx2) return avx2::MachineKernelsOf();
  return baseline::MachineKernelsOf();
#endif
}

}  // namespace mlp
