#include "model/evaluator/kernels/dense_kernel.h"

namespace mlp {

// Each from dense_kernels.cc, compiled for the instruction set of its name.
#if defined(__aarch64__)
namespace neon {
const DenseKernel& DenseKernelOf();
}  // namespace neon
#else
namespace baseline {
const DenseKernel& DenseKernelOf();
}  // namespace baseline
namespace avx2 {
const DenseKernel& DenseKernelOf();
}  // namespace avx2
namespace avx512 {
const DenseKernel& DenseKernelOf();
}  // namespace avx512
#endif

const DenseKernel& DenseKernelOf(InstructionSet instruction_set) {
#if defined(__aarch64__)
  (void)instruction_set;
  return neon::DenseKernelOf();
#else
  if (instruction_set == InstructionSet::kAvx512) return avx512::DenseKernelOf();
  if (instruction_set == InstructionSet::kAvx2) return avx2::DenseKernelOf();
  return baseline::DenseKernelOf();
#endif
}

}  // namespace mlp
