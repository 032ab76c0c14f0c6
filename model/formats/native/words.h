// The native document's words for the parts of a network, as defined in
// docs/reference/native_format.md. They are independent of the names in the source code.

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

// The words of the enumeration that `any` belongs to, in its order.
std::vector<absl::string_view> WordsLike(Norm any);
std::vector<absl::string_view> WordsLike(ReductionKind any);

// Sets the value that a word stands for. REQUIRES: a word of the enumeration.
void SetByWord(absl::string_view word, Norm& norm);
void SetByWord(absl::string_view word, ReductionKind& kind);

// The value that a word stands for; a datatype's word is its NameOf. REQUIRES: a word that
// ParseNativeDocument accepts at that place.
Datatype DatatypeOfWord(absl::string_view word);
OutputKind OutputKindOf(absl::string_view word);
Tap TapOf(absl::string_view word);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_WORDS_H_
