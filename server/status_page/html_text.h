// Text of models and clients for a page: all of it is hostile. Every function is thread-safe.

#ifndef MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_
#define MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// `text` for an element or a quoted attribute: escaped, and cut after so many characters. What is
// no UTF-8, a control character or one that turns the direction of text becomes U+FFFD.
std::string HtmlText(absl::string_view text, int most_characters = 200);

// Of sentences, which are longer than names.
inline constexpr int kMostOfSentence = 800;

// `text` as one part of a link's path, percent-encoded.
std::string UrlPart(absl::string_view text);

// `text` as one word of a shell's command, in quotes where it needs them: people copy commands from
// the page. Not yet escaped for HTML.
std::string ShellWord(absl::string_view text);

}  // namespace mlp

#endif  // MLP_SERVER_STATUS_PAGE_HTML_TEXT_H_
