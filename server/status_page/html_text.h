// Escapes text from models and clients, all of which is treated as hostile. Every function is
// thread-safe.

#ifndef MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_
#define MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// `text` for an element or a quoted attribute, escaped and cut after `most_characters`. Invalid
// UTF-8, control characters and characters that change text direction become U+FFFD.
std::string HtmlText(absl::string_view text, int most_characters = 200);

// The limit for sentences, which are longer than names.
inline constexpr int kMaxSentenceCharacters = 800;

// `text` as one segment of a link's path, percent-encoded.
std::string UrlPart(absl::string_view text);

// `text` as one word of a shell command, quoted if needed, because people copy commands from the
// page. The result is not escaped for HTML.
std::string ShellWord(absl::string_view text);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_
