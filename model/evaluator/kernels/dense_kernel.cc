#include "model/evaluator/kernels/dense_kernel.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

// Declares the kernels that the object of each instruction set defines.
#define MLP_DECLARE(name, ...)                       \
  namespace name {                                   \
  template <>                                        \
  const DenseKernel& CompiledKernels<DenseKernel>(); \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE

const DenseKernel& DenseKernelOf(InstructionSet instruction_set) {
  return KernelsFor<DenseKernel>(instruction_set);
}

}  // namespace mlp
