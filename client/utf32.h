// Converts between UTF-8 and one number per character, the format of NumPy's texts.

#ifndef MLP_CLIENT_UTF32_H_
#define MLP_CLIENT_UTF32_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// Stores the first character of `text` and returns its length in bytes; 0 if it is not UTF-8.
// Thread-safe. REQUIRES: `text` is not empty.
std::size_t FirstCharacter(absl::string_view text, char32_t& character);

// Each byte that is not part of valid UTF-8 becomes U+FFFD. Thread-safe.
std::u32string FromUtf8(absl::string_view text);

// Appends `character` to `text`. False, with `text` unchanged, if it is not Unicode. Thread-safe.
bool AppendUtf8(char32_t character, std::string& text);

}  // namespace mlp

#endif  // MLP_CLIENT_UTF32_H_
