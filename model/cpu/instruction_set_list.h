// The list of the instruction sets that kernels are compiled for, in the order of preference: a
// later one is faster where the CPU has it. A new set is an entry here; what follows from it is in
// docs/adding/instruction_set.md.
//
// `baseline` is SSE2, which every x86-64 CPU has, and every arm64 CPU has `neon`. What else a CPU
// must have is named as the compiler names it: HAS(fma) is the compiler's option -mfma and its
// question __builtin_cpu_supports("fma"). arm64 has no such question yet.
//
// Macros, because C++ has no other list of namespaces. cmake/KernelObjects.cmake reads this file
// too, entry by entry.

#ifndef MLP_MODEL_CPU_INSTRUCTION_SET_LIST_H_
#define MLP_MODEL_CPU_INSTRUCTION_SET_LIST_H_

// Calls X86_64 or ARM64 with an entry's name, its InstructionSet and its features.
#define MLP_INSTRUCTION_SETS(X86_64, ARM64, HAS) \
  X86_64(baseline, kBaseline, )                  \
  ARM64(neon, kNeon, )                           \
  X86_64(avx2, kAvx2, HAS(avx2) HAS(fma))        \
  X86_64(avx512, kAvx512, HAS(avx2) HAS(fma) HAS(avx512f) HAS(avx512bw) HAS(avx512dq) HAS(avx512vl))

#define MLP_NOTHING(...)

// Calls ENTRY for the sets of the architecture that is compiled for, and OTHER for the rest.
#if defined(__x86_64__)
#define MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(ENTRY, OTHER, HAS) \
  MLP_INSTRUCTION_SETS(ENTRY, OTHER, HAS)
#elif defined(__aarch64__)
#define MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(ENTRY, OTHER, HAS) \
  MLP_INSTRUCTION_SETS(OTHER, ENTRY, HAS)
#else
#error "there are kernels for x86-64 and arm64"
#endif

#endif  // MLP_MODEL_CPU_INSTRUCTION_SET_LIST_H_
