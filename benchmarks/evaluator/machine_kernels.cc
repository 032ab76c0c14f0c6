#include "benchmarks/evaluator/machine_kernels.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

// Declares the kernels that the object of each instruction set defines.
#define MLP_DECLARE(name, ...)                             \
  namespace name {                                         \
  template <>                                              \
  const MachineKernels& CompiledKernels<MachineKernels>(); \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE

const MachineKernels& MachineKernelsOf(InstructionSet instruction_set) {
  return KernelsFor<MachineKernels>(instruction_set);
}

}  // namespace mlp
