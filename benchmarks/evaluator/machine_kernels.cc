#include "benchmarks/evaluator/machine_kernels.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

const MachineKernels& MachineKernelsOf(InstructionSet instruction_set) {
  return KernelsFor<MachineKernels>(instruction_set);
}

}  // namespace mlp
