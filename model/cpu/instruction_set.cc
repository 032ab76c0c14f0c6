#include "model/cpu/instruction_set.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace mlp {
namespace {

constexpr InstructionSet kAll[] = {InstructionSet::kBaseline, InstructionSet::kNeon,
                                   InstructionSet::kAvx2, InstructionSet::kAvx512};

}  // namespace

absl::string_view NameOf(InstructionSet instruction_set) {
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return "baseline";
    case InstructionSet::kNeon:
      return "neon";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
  }
  return "unknown";
}

absl::StatusOr<InstructionSet> ParseInstructionSet(absl::string_view name) {
  for (const InstructionSet candidate : kAll) {
    if (absl::EqualsIgnoreCase(NameOf(candidate), name)) return candidate;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is no instruction set; expected one of ", NamesOf(kAll)));
}

bool IsSupported(InstructionSet instruction_set) {
#if defined(__x86_64__)
  // The compiler's own detection: cpuid, and xgetbv for what the operating system saves.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  switch (instruction_set) {
    case InstructionSet::kBaseline:
      return true;
    case InstructionSet::kNeon:
      return false;
    case InstructionSet::kAvx2:
      return avx2;
    case InstructionSet::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0;
  }
  return false;
#elif defined(__aarch64__)
  return instruction_set == InstructionSet::kNeon;
#else
#error "there are kernels for x86-64 and arm64"
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
