#include "model/evaluator/kernels/dense_kernel.h"

namespace mlp {

// Each from dense_kernels.cc, compiled for the instruction set of its name.
namespace baseline {
const DenseKernel& DenseKernelOf();
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
const DenseKernel& DenseKernelOf();
}  // namespace avx2
namespace avx512 {
const DenseKernel& DenseKernelOf();
}  // namespace avx512
#endif

const DenseKernel& DenseKernelOf(InstructionSet instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == InstructionSet::kAvx512) return avx512::DenseKernelOf();
  if (instruction_set == InstructionSet::kAvx2) return avx2::DenseKernelOf();
#else
  (void)instruction_set;
#endif
  return baseline::DenseKernelOf();
}

}  // namespace mlp
