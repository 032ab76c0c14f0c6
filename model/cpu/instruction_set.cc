#include "model/cpu/instruction_set.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr InstructionSet kAll[] = {InstructionSet::kBaseline, InstructionSet::kAvx2,
                                   InstructionSet::kAvx512};

}  // namespace

absl::string_view NameOf(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return "baseline";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
  }
  return "unknown";
}

absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name) {
  for (const InstructionSet candidate : kAll) {
    if (NameOf(candidate) == name) return candidate;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("instruction set '", name, "' is not known; expected baseline, avx2 or avx512"));
}

bool IsSupported(InstructionSet instruction_set) {
#if defined(__x86_64__)
  // The compiler's own detection: cpuid, and xgetbv for what the operating system saves.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kAvx2:
      return avx2;
    case InstructionSet::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0;
  }
  return false;
#else
  return instruction_set == InstructionSet::kBaseline;
#endif
}

std::vector<InstructionSet> SupportedInstructionSets() {
  std::vector<InstructionSet> supported;
  for (const InstructionSet candidate : kAll) {
    if (IsSupported(candidate)) supported.push_back(candidate);
  }
  return supported;
}

InstructionSet BestInstructionSet() { return SupportedInstructionSets().back(); }

}  // namespace mlp
