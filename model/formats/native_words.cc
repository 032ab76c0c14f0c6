#include "model/formats/native_words.h"

#include <algorithm>
#include <iterator>

namespace mlp {
namespace {

constexpr Norm kNorms[] = {Norm::kL1,       Norm::kL2,       Norm::kMax,
                           Norm::kGreatest, Norm::kStandard, Norm::kRms};
constexpr OutputKind kOutputKinds[] = {OutputKind::kValues, OutputKind::kLabel,
                                       OutputKind::kDecisions};
constexpr Tap kTaps[] = {Tap::kActivation, Tap::kPreActivation};
constexpr Combination kWordedCombinations[] = {
    Combination::kDense,   Combination::kConcat,  Combination::kSum,    Combination::kProduct,
    Combination::kMaximum, Combination::kMinimum, Combination::kAffine, Combination::kNormalize,
    Combination::kImpute,  Combination::kQuantize};
constexpr Datatype kDatatypes[] = {
    Datatype::kBool, Datatype::kUint8, Datatype::kUint16, Datatype::kUint32, Datatype::kUint64,
    Datatype::kInt8, Datatype::kInt16, Datatype::kInt32,  Datatype::kInt64,  Datatype::kFp16,
    Datatype::kBf16, Datatype::kFp32,  Datatype::kFp64,   Datatype::kBytes};

// The one of `choices` that `say` calls `word`; the first one where there is none.
template <typename Choices, typename Say>
auto ChoiceOf(const Choices& choices, absl::string_view word, const Say& say) {
  const auto* found = std::find_if(std::begin(choices), std::end(choices),
                                   [&](auto choice) { return say(choice) == word; });
  return found == std::end(choices) ? choices[0] : *found;
}

}  // namespace

absl::string_view WordOf(Norm norm) {
  switch (norm) {
    case Norm::kL1:
      return "l1";
    case Norm::kL2:
      return "l2";
    case Norm::kMax:
      return "max";
    case Norm::kGreatest:
      return "max_abs";
    case Norm::kStandard:
      return "standard";
    case Norm::kRms:
      return "rms";
  }
  return "";
}

absl::string_view WordOf(OutputKind kind) {
  switch (kind) {
    case OutputKind::kValues:
      return "values";
    case OutputKind::kLabel:
      return "label";
    case OutputKind::kDecisions:
      return "decisions";
  }
  return "";
}

absl::string_view WordOf(Tap tap) {
  return tap == Tap::kPreActivation ? "pre_activation" : "activation";
}

Combination CombinationOf(absl::string_view word) {
  return ChoiceOf(kWordedCombinations, word, [](Combination known) { return NameOf(known); });
}

Datatype DatatypeOfWord(absl::string_view word) {
  return ChoiceOf(kDatatypes, word, [](Datatype known) { return NameOf(known); });
}

Norm NormOf(absl::string_view word) {
  return ChoiceOf(kNorms, word, [](Norm known) { return WordOf(known); });
}

OutputKind OutputKindOf(absl::string_view word) {
  return ChoiceOf(kOutputKinds, word, [](OutputKind known) { return WordOf(known); });
}

Tap TapOf(absl::string_view word) {
  return ChoiceOf(kTaps, word, [](Tap known) { return WordOf(known); });
}

}  // namespace mlp
