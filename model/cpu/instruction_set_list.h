// Lists the instruction sets that kernels are compiled for, slowest first: if a CPU has several,
// the last one is the fastest. To add a set, add an entry here and follow
// docs/develop/adding/instruction_set.md.
//
// Every x86-64 CPU has `baseline`, which is SSE2, and every arm64 CPU has `neon`. Other required
// CPU features have the compiler's names: HAS(fma) stands for the compiler option -mfma and for the
// check __builtin_cpu_supports("fma"). There is no such check for arm64 yet.
//
// These are macros because C++ cannot iterate over namespaces. cmake/KernelObjects.cmake also reads
// this file, entry by entry.

#ifndef MLP_MODEL_CPU_INSTRUCTION_SET_LIST_H_
#define MLP_MODEL_CPU_INSTRUCTION_SET_LIST_H_

// Calls X86_64 or ARM64 with an entry's name, its InstructionSet and its features.
#define MLP_INSTRUCTION_SETS(X86_64, ARM64, HAS) \
  X86_64(baseline, kBaseline, )                  \
  ARM64(neon, kNeon, )                           \
  X86_64(avx2, kAvx2, HAS(avx2) HAS(fma))        \
  X86_64(avx512, kAvx512, HAS(avx2) HAS(fma) HAS(avx512f) HAS(avx512bw) HAS(avx512dq) HAS(avx512vl))

#define MLP_NOTHING(...)

// Calls ENTRY for the sets of the target architecture and OTHER for the rest.
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
