// The words by which a native document calls what a network consists of. They are those of
// docs/native_format.md, whatever the sources call it.

#ifndef MLP_MODEL_FORMATS_NATIVE_WORDS_H_
#define MLP_MODEL_FORMATS_NATIVE_WORDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "model/network.h"

namespace mlp {

absl::string_view WordOf(Norm norm);
absl::string_view WordOf(ReductionKind kind);
absl::string_view WordOf(OutputKind kind);
absl::string_view WordOf(Tap tap);

// The words of a whole enumeration, in its order, that of `any`.
std::vector<absl::string_view> WordsLike(Norm any);
std::vector<absl::string_view> WordsLike(ReductionKind any);

// Sets what a word stands for. REQUIRES: one of the enumeration's.
void SetByWord(absl::string_view word, Norm& norm);
void SetByWord(absl::string_view word, ReductionKind& kind);

// What a word stands for; datatypes go by their NameOf. REQUIRES: one that ParseNativeDocument
// takes in that place.
Datatype DatatypeOfWord(absl::string_view word);
OutputKind OutputKindOf(absl::string_view word);
Tap TapOf(absl::string_view word);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_WORDS_H_
