#include "client/text.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/utf32.h"

namespace mlp {
namespace {

struct CharacterRange {
  char32_t first;
  char32_t last;
};

// Characters that are invisible but affect the text around them, such as its direction: Unicode's
// categories Cc, Cf, Zl and Zp (DerivedGeneralCategory.txt of Unicode 16).
constexpr CharacterRange kNotShown[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
    {0x8e2, 0x8e2},     {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe007f},
};

bool IsShown(char32_t character) {
  return std::none_of(std::begin(kNotShown), std::end(kNotShown),
                      [character](const CharacterRange& range) {
                        return character >= range.first && character <= range.last;
                      });
}

std::string Escape(char32_t character) {
  if (character == '\n') return "\\n";
  if (character == '\t') return "\\t";
  if (character <= 0x9f) return absl::StrFormat("\\x%02x", static_cast<unsigned>(character));
  const auto number = static_cast<unsigned>(character);
  return number <= 0xffff ? absl::StrFormat("\\u%04x", number) : absl::StrFormat("\\U%08x", number);
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t bytes = FirstCharacter(text, character);
    if (bytes == 0) {
      absl::StrAppendFormat(&printable, "\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (IsShown(character)) {
      absl::StrAppend(&printable, text.substr(0, bytes));
    } else {
      printable += Escape(character);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return printable;
}

std::size_t DisplayWidth(absl::string_view text) {
  // Counts every byte except those that continue a character: 10xxxxxx.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  }));
}

std::string PadRight(absl::string_view text, std::size_t width) {
  const std::size_t taken = DisplayWidth(text);
  return absl::StrCat(text, std::string(width > taken ? width - taken : 0, ' '));
}

std::string PadLeft(absl::string_view text, std::size_t width) {
  const std::size_t taken = DisplayWidth(text);
  return absl::StrCat(std::string(width > taken ? width - taken : 0, ' '), text);
}

std::string FormatShape(absl::Span<const std::int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

std::string FormatCount(std::int64_t count) {
  std::string text = absl::StrCat(count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > first; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

}  // namespace mlp
