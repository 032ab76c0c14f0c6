#include "model/activations/kernels/activation_kernel.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

// Declares the kernels that the object of each instruction set defines.
#define MLP_DECLARE(name, ...)                                   \
  namespace name {                                               \
  template <>                                                    \
  const ActivationKernels& CompiledKernels<ActivationKernels>(); \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE

const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set) {
  return KernelsFor<ActivationKernels>(instruction_set)[static_cast<int>(kind)];
}

}  // namespace mlp
