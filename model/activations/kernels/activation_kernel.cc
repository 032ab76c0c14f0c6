#include "model/activations/kernels/activation_kernel.h"

namespace mlp {

// Each from activation_kernels.cc, compiled for the instruction set of its name.
namespace baseline {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace avx2
namespace avx512 {
const ActivationKernel& KernelOf(ActivationKind kind);
}  // namespace avx512
#endif

const ActivationKernel& KernelOf(ActivationKind kind, InstructionSet instruction_set) {
#if defined(__x86_64__)
  if (instruction_set == InstructionSet::kAvx512) return avx512::KernelOf(kind);
  if (instruction_set == InstructionSet::kAvx2) return avx2::KernelOf(kind);
#else
  (void)instruction_set;
#endif
  return baseline::KernelOf(kind);
}

}  // namespace mlp
