#include "server/status_page/html_text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mlp {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";  // U+FFFD

struct Utf8Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0 if the text does not start with a valid character
};

// The first character of `text`, which is not empty. Source: RFC 3629, section 4.
Utf8Character FirstCharacter(absl::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = first & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[bytes] || code > 0x10ffff || is_surrogate) return {};
  return {code, bytes};
}

// Whether the character is invisible or changes the direction of the text around it.
bool IsInvisible(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

}  // namespace

std::string HtmlText(absl::string_view text, int most_characters) {
  std::string html;
  for (int characters = 0; !text.empty(); ++characters) {
    if (characters == most_characters) return html + "…";
    const Utf8Character character = FirstCharacter(text);
    switch (character.code) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        if (character.bytes == 0 || IsInvisible(character.code)) {
          html += kReplacement;
        } else {
          absl::StrAppend(&html, text.substr(0, character.bytes));
        }
    }
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return html;
}

std::string UrlPart(absl::string_view text) {
  std::string part;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      part += c;
    } else {
      absl::StrAppendFormat(&part, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return part;
}

std::string ShellWord(absl::string_view text) {
  bool is_plain = !text.empty() && text[0] != '-';
  for (const char c : text) {
    is_plain = is_plain && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
                            c == '_' || c == '.' || c == '/');
  }
  if (is_plain) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace mlp
