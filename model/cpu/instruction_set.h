// The instruction sets that kernels are compiled for, and which of them this CPU supports.
//
// Stateless: any thread may call any function at any time.

#ifndef MLP_MODEL_CPU_INSTRUCTION_SET_H_
#define MLP_MODEL_CPU_INSTRUCTION_SET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/cpu/instruction_set_list.h"

namespace mlp {

// The sets of all architectures, in the list's order.
#define MLP_ENUMERATOR(name, enumerator, ...) enumerator,
enum class InstructionSet { MLP_INSTRUCTION_SETS(MLP_ENUMERATOR, MLP_ENUMERATOR, MLP_NOTHING) };
#undef MLP_ENUMERATOR

#define MLP_VALUE(name, enumerator, ...) InstructionSet::enumerator,
inline constexpr InstructionSet kEveryInstructionSet[] = {
    MLP_INSTRUCTION_SETS(MLP_VALUE, MLP_VALUE, MLP_NOTHING)};
#undef MLP_VALUE

// The name in the list: "avx2".
absl::string_view NameOf(InstructionSet instruction_set);

// The instruction set called `name`, in upper or lower case. INVALID_ARGUMENT quotes the name and
// lists the valid ones.
absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name);

// Whether this CPU has the instruction set and the operating system saves its registers.
bool IsSupported(InstructionSet instruction_set);

// The instruction sets for which IsSupported holds, slowest first; at least one.
std::vector<InstructionSet> SupportedInstructionSets();

// The last of SupportedInstructionSets().
InstructionSet BestInstructionSet();

// The instruction set in `supported` called `name`, in upper or lower case. INVALID_ARGUMENT if
// there is no such instruction set, FAILED_PRECONDITION if it is not in `supported`. Both quote the
// name and list `supported`.
absl::StatusOr<InstructionSet> ChooseInstructionSet(absl::string_view name,
                                                    absl::Span<const InstructionSet> supported);

// Their names, separated by commas.
std::string NamesOf(absl::Span<const InstructionSet> instruction_sets);

}  // namespace mlp

#endif  // MLP_MODEL_CPU_INSTRUCTION_SET_H_
