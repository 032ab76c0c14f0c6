// Text for a terminal. Every function is thread-safe.

#ifndef MLP_CLIENT_TEXT_H_
#define MLP_CLIENT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// `text` on one line. Control characters become \n, \t or \x1b. Characters that redirect or hide
// other text become \u202e and the like. Invalid UTF-8 becomes \xff. So no name or message from a
// server or a file can control the terminal. Other UTF-8 is unchanged.
std::string Printable(absl::string_view text);

// The width in columns of printable UTF-8 text, one per character.
std::size_t DisplayWidth(absl::string_view text);

// `text` padded with spaces on the right (left) to `width` columns; longer text is unchanged.
std::string PadRight(absl::string_view text, std::size_t width);
std::string PadLeft(absl::string_view text, std::size_t width);

// "[-1,64]".
std::string FormatShape(absl::Span<const std::int64_t> shape);

// 12345678 as "12,345,678".
std::string FormatCount(std::int64_t count);

}  // namespace mlp

#endif  // MLP_CLIENT_TEXT_H_
