#include "model/evaluator/kernels/dense_kernel.h"

#include "model/cpu/kernel_dispatch.h"

namespace mlp {

const DenseKernel& DenseKernelOf(InstructionSet instruction_set) {
  return KernelsFor<DenseKernel>(instruction_set);
}

}  // namespace mlp
