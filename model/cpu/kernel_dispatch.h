// Chooses among kernels that are compiled once for each instruction set.
//
// What a library's objects offer is one type, `Kernels`: a struct of functions or an array of such.
// The source that cmake/KernelObjects.cmake compiles for each set gives its own:
//
//   namespace mlp::MLP_KERNEL_NAMESPACE {
//   template <>
//   const DenseKernel& CompiledKernels<DenseKernel>() { return kKernel; }
//   }
//
// and the source that calls KernelsFor declares these, in front of the call.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_CPU_KERNEL_DISPATCH_H_
#define MLP_MODEL_CPU_KERNEL_DISPATCH_H_

#include <cstdlib>

#include "model/cpu/instruction_set.h"
#include "model/cpu/instruction_set_list.h"

namespace mlp {

// In a namespace for each set of this architecture. A set whose object lacks them does not link.
#define MLP_DECLARE_COMPILED(name, ...) \
  namespace name {                      \
  template <typename Kernels>           \
  const Kernels& CompiledKernels();     \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE_COMPILED, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE_COMPILED

// Those compiled for `instruction_set`, which the CPU must support.
template <typename Kernels>
const Kernels& KernelsFor(InstructionSet instruction_set) {
#define MLP_COMPILED(name, enumerator, ...) \
  case InstructionSet::enumerator:          \
    return name::CompiledKernels<Kernels>();
#define MLP_NOT_COMPILED(name, enumerator, ...) \
  case InstructionSet::enumerator:              \
    break;
  switch (instruction_set) {
    MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_COMPILED, MLP_NOT_COMPILED, MLP_NOTHING)
  }
#undef MLP_NOT_COMPILED
#undef MLP_COMPILED
  std::abort();
}

}  // namespace mlp

#endif  // MLP_MODEL_CPU_KERNEL_DISPATCH_H_
