#include "client/text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

unsigned char ByteAt(absl::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = ByteAt(text, i);
    // U+0080 to U+009F are control characters too; UTF-8 writes them C2 80 to C2 9F.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && ByteAt(text, i + 1) >= 0x80 &&
                    ByteAt(text, i + 1) <= 0x9f;
    if (byte == '\n') {
      printable += "\\n";
    } else if (byte == '\t') {
      printable += "\\t";
    } else if (c1) {
      absl::StrAppendFormat(&printable, "\\x%02x", ByteAt(text, ++i));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&printable, "\\x%02x", byte);
    } else {
      printable += text[i];
    }
  }
  return printable;
}

std::size_t DisplayWidth(absl::string_view text) {
  // Every byte but those that continue a character: 10xxxxxx.
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
