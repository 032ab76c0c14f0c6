// Between UTF-8 and one number for each character, as NumPy's texts have them.

#ifndef MLP_CLIENT_UTF32_H_
#define MLP_CLIENT_UTF32_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// How many bytes the character at the start of `text` has, and which one it is; 0 where there is no
// UTF-8. Thread-safe. REQUIRES: `text` is not empty.
std::size_t FirstCharacter(absl::string_view text, char32_t& character);

// Each byte that is part of no UTF-8 becomes U+FFFD. Thread-safe.
std::u32string FromUtf8(absl::string_view text);

// False, with `text` as far as it went, where a character is no Unicode. Thread-safe.
bool AppendUtf8(char32_t character, std::string& text);

}  // namespace mlp

#endif  // MLP_CLIENT_UTF32_H_
