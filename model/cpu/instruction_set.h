// The instruction sets that kernels are compiled for, and which of them the CPU at hand has.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_CPU_INSTRUCTION_SET_H_
#define MLP_MODEL_CPU_INSTRUCTION_SET_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// In the order of preference: a later one is faster where the CPU has it.
enum class InstructionSet {
  kBaseline,  // what every CPU of the architecture has: SSE2 on x86-64, NEON on arm64
  kAvx2,      // AVX2 and FMA
  kAvx512,    // AVX-512 F, BW, DQ and VL, and all of kAvx2
};

// "baseline", "avx2" or "avx512".
absl::string_view NameOf(InstructionSet instruction_set);

// The instruction set that goes by `name`. INVALID_ARGUMENT names it and lists those there are.
absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name);

// Whether this CPU has it and the operating system saves its registers.
bool IsSupported(InstructionSet instruction_set);

// Those that IsSupported, slowest first; kBaseline is always among them.
std::vector<InstructionSet> SupportedInstructionSets();

// The last of SupportedInstructionSets().
InstructionSet BestInstructionSet();

}  // namespace mlp

#endif  // MLP_MODEL_CPU_INSTRUCTION_SET_H_
