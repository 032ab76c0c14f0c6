#include "model/cpu/instruction_set.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mlp {

absl::string_view NameOf(InstructionSet instruction_set) {
#define MLP_NAME(name, ...) #name,
  static constexpr absl::string_view kNames[] = {
      MLP_INSTRUCTION_SETS(MLP_NAME, MLP_NAME, MLP_NOTHING)};
#undef MLP_NAME
  return kNames[static_cast<int>(instruction_set)];
}

absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name) {
  for (const InstructionSet candidate : kEveryInstructionSet) {
    if (absl::EqualsIgnoreCase(NameOf(candidate), name)) return candidate;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name, "' is not an instruction set; expected one of ", NamesOf(kEveryInstructionSet)));
}

bool IsSupported(InstructionSet instruction_set) {
#if defined(__x86_64__)
  // The compiler's detection uses cpuid, and xgetbv for the registers that the operating system
  // saves.
  __builtin_cpu_init();
#define MLP_CPU_HAS(feature) has &= __builtin_cpu_supports(#feature) != 0;
#endif
  bool has = true;
#define MLP_ASK(name, enumerator, ...) \
  case InstructionSet::enumerator:     \
    __VA_ARGS__ break;
#define MLP_REFUSE(name, enumerator, ...) \
  case InstructionSet::enumerator:        \
    return false;
  switch (instruction_set) {
    MLP_INSTRUCTION_SETS_BY_ARCHITECTURE(MLP_ASK, MLP_REFUSE, MLP_CPU_HAS)
  }
#undef MLP_REFUSE
#undef MLP_ASK
#undef MLP_CPU_HAS
  return has;
}

std::vector<InstructionSet> SupportedInstructionSets() {
  std::vector<InstructionSet> supported;
  for (const InstructionSet candidate : kEveryInstructionSet) {
    if (IsSupported(candidate)) supported.push_back(candidate);
  }
  return supported;
}

InstructionSet BestInstructionSet() { return SupportedInstructionSets().back(); }

absl::StatusOr<InstructionSet> ChooseInstructionSet(absl::string_view name,
                                                    absl::Span<const InstructionSet> supported) {
  const absl::StatusOr<InstructionSet> parsed = ParseInstructionSet(name);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(parsed.status().message(), ", of which this CPU has ", NamesOf(supported)));
  }
  if (std::find(supported.begin(), supported.end(), *parsed) == supported.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this CPU does not have '", name, "'; it has ", NamesOf(supported)));
  }
  return *parsed;
}

std::string NamesOf(absl::Span<const InstructionSet> instruction_sets) {
  return absl::StrJoin(instruction_sets, ", ", [](std::string* names, InstructionSet set) {
    absl::StrAppend(names, NameOf(set));
  });
}

}  // namespace mlp
