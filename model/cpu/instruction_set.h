// The instruction sets that kernels are compiled for, and which of them the CPU at hand has.
//
// Free of state: any thread may call any of it at any time.

#ifndef MLP_MODEL_CPU_INSTRUCTION_SET_H_
#define MLP_MODEL_CPU_INSTRUCTION_SET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/cpu/instruction_set_list.h"

namespace mlp {

// Those of all architectures, in the order of the list.
#define MLP_ENUMERATOR(name, enumerator, ...) enumerator,
enum class InstructionSet { MLP_INSTRUCTION_SETS(MLP_ENUMERATOR, MLP_ENUMERATOR, MLP_NOTHING) };
#undef MLP_ENUMERATOR

#define MLP_VALUE(name, enumerator, ...) InstructionSet::enumerator,
inline constexpr InstructionSet kEveryInstructionSet[] = {
    MLP_INSTRUCTION_SETS(MLP_VALUE, MLP_VALUE, MLP_NOTHING)};
#undef MLP_VALUE

// The list's name: "avx2".
absl::string_view NameOf(InstructionSet instruction_set);

// The instruction set that goes by `name`, in upper or lower case. INVALID_ARGUMENT names it and
// lists those there are.
absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name);

// Whether this CPU has it and the operating system saves its registers.
bool IsSupported(InstructionSet instruction_set);

// Those that IsSupported, slowest first; at least one.
std::vector<InstructionSet> SupportedInstructionSets();

// The last of SupportedInstructionSets().
InstructionSet BestInstructionSet();

// The one of `supported` that goes by `name`, as above. INVALID_ARGUMENT for what is no instruction
// set, and FAILED_PRECONDITION for one that is not supported; either names it and lists
// `supported`.
absl::StatusOr<InstructionSet> ChooseInstructionSet(absl::string_view name,
                                                    absl::Span<const InstructionSet> supported);

// Their names, with commas between.
std::string NamesOf(absl::Span<const InstructionSet> instruction_sets);

}  // namespace mlp

#endif  // MLP_MODEL_CPU_INSTRUCTION_SET_H_
