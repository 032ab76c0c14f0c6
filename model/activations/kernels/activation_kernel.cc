#include "model/activations/kernels/activation_kernel.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set) {
  return KernelsFor<ActivationKernels>(instruction_set)[static_cast<int>(kind)];
}

}  // namespace mlp
