// Text for a terminal. Every function is thread-safe.

#ifndef MLP_CLIENT_TEXT_H_
#define MLP_CLIENT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// `text` on one line with control characters written as \n, \t or \x1b, what is not seen but turns
// other text around (U+202E) or hides it as \u202e, and bytes that are no UTF-8 as \xff, so that a
// name or a message from a server or a file cannot steer the terminal. Other UTF-8 stays as it is.
std::string Printable(absl::string_view text);

// The columns that printable UTF-8 text takes, one for each character.
std::size_t DisplayWidth(absl::string_view text);

// `text` with spaces after (before) it to `width` columns; longer text stays as it is.
std::string PadRight(absl::string_view text, std::size_t width);
std::string PadLeft(absl::string_view text, std::size_t width);

// "[-1,64]".
std::string FormatShape(absl::Span<const std::int64_t> shape);

// 12345678 as "12,345,678".
std::string FormatCount(std::int64_t count);

}  // namespace mlp

#endif  // MLP_CLIENT_TEXT_H_
