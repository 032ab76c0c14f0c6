#include "model/formats/native/words.h"

#include <algorithm>
#include <iterator>

namespace mlp {
namespace {

constexpr Norm kNorms[] = {Norm::kL1,       Norm::kL2,       Norm::kMax,
                           Norm::kGreatest, Norm::kStandard, Norm::kRms};
constexpr OutputKind kOutputKinds[] = {OutputKind::kValues, OutputKind::kLabel,
                                       OutputKind::kDecisions};
constexpr Tap kTaps[] = {Tap::kActivation, Tap::kPreActivation};
constexpr ReductionKind kReductionKinds[] = {
    ReductionKind::kSum,       ReductionKind::kMean,         ReductionKind::kProduct,
    ReductionKind::kMaximum,   ReductionKind::kMinimum,      ReductionKind::kL1,
    ReductionKind::kL2,        ReductionKind::kSumOfSquares, ReductionKind::kLogSum,
    ReductionKind::kLogSumExp, ReductionKind::kArgMax,       ReductionKind::kArgMin};

// The choice for which `say` returns `word`; the first choice if there is none.
template <typename Choices, typename Say>
auto ChoiceOf(const Choices& choices, absl::string_view word, const Say& say) {
  const auto* found = std::find_if(std::begin(choices), std::end(choices),
                                   [&](auto choice) { return say(choice) == word; });
  return found == std::end(choices) ? choices[0] : *found;
}

template <typename Choices>
std::vector<absl::string_view> WordsOf(const Choices& choices) {
  std::vector<absl::string_view> words;
  for (const auto choice : choices) words.push_back(WordOf(choice));
  return words;
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

absl::string_view WordOf(ReductionKind kind) { return NameOf(kind); }

std::vector<absl::string_view> WordsLike(Norm) { return WordsOf(kNorms); }
std::vector<absl::string_view> WordsLike(ReductionKind) { return WordsOf(kReductionKinds); }

void SetByWord(absl::string_view word, Norm& norm) {
  norm = ChoiceOf(kNorms, word, [](Norm known) { return WordOf(known); });
}

void SetByWord(absl::string_view word, ReductionKind& kind) {
  kind = ChoiceOf(kReductionKinds, word, [](ReductionKind known) { return WordOf(known); });
}

Datatype DatatypeOfWord(absl::string_view word) {
  return FindDatatype(word).value_or(Datatype::kBool);
}

OutputKind OutputKindOf(absl::string_view word) {
  return ChoiceOf(kOutputKinds, word, [](OutputKind known) { return WordOf(known); });
}

Tap TapOf(absl::string_view word) {
  return ChoiceOf(kTaps, word, [](Tap known) { return WordOf(known); });
}

}  // namespace mlp
