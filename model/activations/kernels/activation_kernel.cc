#include "model/activations/kernels/activation_kernel.h"

namespace mlp {

// Each from activation_kernels.cc, compiled for the instruction set of its name.
#if defined(__aarch64__)
namespace neon {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace neon
#else
namespace baseline {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace baseline
namespace avx2 {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace avx2
namespace avx512 {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace avx512
#endif

const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set) {
#if defined(__aarch64__)
  (void)instruction_set;
  return neon::KernelOf(kind);
#else
  if (instruction_set == InstructionSet::kAvx512) return avx512::KernelOf(kind);
  if (instruction_set == InstructionSet::kAvx2) return avx2::KernelOf(kind);
  return baseline::KernelOf(kind);
#endif
}

}  // namespace mlp
