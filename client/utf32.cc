#include "client/utf32.h"

namespace mlp {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kGreatest = 0x10FFFF;

bool IsSurrogate(char32_t character) { return character >= 0xD800 && character <= 0xDFFF; }

// The least character that takes the given number of bytes.
constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

}  // namespace

std::size_t FirstCharacter(absl::string_view text, char32_t& character) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) {
    character = first;
    return 1;
  }
  const std::size_t bytes = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC0 || first > 0xF7 || text.size() < bytes) return 0;
  character = first & (0x7F >> bytes);
  for (const char next : text.substr(1, bytes - 1)) {
    const auto byte = static_cast<unsigned char>(next);
    if (byte >> 6 != 2) return 0;
    character = character << 6 | (byte & 0x3F);
  }
  const bool valid =
      character >= kSmallest[bytes] && character <= kGreatest && !IsSurrogate(character);
  return valid ? bytes : 0;
}

std::u32string FromUtf8(absl::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    char32_t character = kReplacement;
    const std::size_t bytes = FirstCharacter(text, character);
    characters += bytes > 0 ? character : kReplacement;
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return characters;
}

bool AppendUtf8(char32_t character, std::string& text) {
  if (character > kGreatest || IsSurrogate(character)) return false;
  if (character < 0x80) {
    text += static_cast<char>(character);
    return true;
  }
  const int more = character >= 0x10000 ? 3 : (character >= 0x800 ? 2 : 1);
  text += static_cast<char>((0xFFU << (7 - more) & 0xFFU) | character >> (6 * more));
  for (int i = more - 1; i >= 0; --i) {
    text += static_cast<char>(0x80 | (character >> (6 * i) & 0x3F));
  }
  return true;
}

}  // namespace mlp
