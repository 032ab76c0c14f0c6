#include "model/drift/kernels/value_kernel.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

// Declares the kernels that the object of each instruction set defines.
#define MLP_DECLARE(name, ...)                       \
  namespace name {                                   \
  template <>                                        \
  const ValueKernel& CompiledKernels<ValueKernel>(); \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE

const ValueKernel& ValueKernelOf(InstructionSet instruction_set) {
  return KernelsFor<ValueKernel>(instruction_set);
}

}  // namespace mlp
