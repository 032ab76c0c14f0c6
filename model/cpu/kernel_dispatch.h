// Selects kernels by instruction set; they are compiled once for each.
//
// A library's kernels are one type, `Kernels`: a struct of functions or an array of such structs.
// Its source, which cmake/KernelObjects.cmake compiles once for each set, defines:
//
//   namespace mlp::MLP_KERNEL_NAMESPACE {
//   template <>
//   const DenseKernel& CompiledKernels<DenseKernel>() { return kKernel; }
//   }
//
// The source that calls KernelsFor must declare these specialisations before the call.
//
// Stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_CPU_KERNEL_DISPATCH_H_
#define MLP_MODEL_CPU_KERNEL_DISPATCH_H_

#include <cstdlib>

#include "model/cpu/instruction_set.h"
#include "model/cpu/instruction_set_list.h"

namespace mlp {

// Declares CompiledKernels in the namespace of each set of this architecture. Linking fails if a
// set's object does not define it.
#define MLP_DECLARE_COMPILED(name, ...) \
  namespace name {                      \
  template <typename Kernels>           \
  const Kernels& CompiledKernels();     \
  }
MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_DECLARE_COMPILED, MLP_NOTHING, MLP_NOTHING)
#undef MLP_DECLARE_COMPILED

// The kernels compiled for `instruction_set`. REQUIRES: the CPU supports it.
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
