#include "server/rest/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "model/utf8.h"

namespace mlp {
namespace {

// The number of bytes of the well-formed character at the start of `text`; 0 if there is none.
std::size_t CharacterBytes(absl::string_view text) {
  for (std::size_t bytes = 1; bytes <= 4 && bytes <= text.size(); ++bytes) {
    if (IsUtf8(text.substr(0, bytes))) return bytes;
  }
  return 0;
}

template <typename Number>
void AppendNumber(Number number, std::string& json) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  json.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

void AppendJsonText(absl::string_view text, std::string& json) {
  json.push_back('"');
  while (!text.empty()) {
    const char first = text.front();
    const auto code = static_cast<unsigned char>(first);
    if (first == '"' || first == '\\') {
      json.push_back('\\');
      json.push_back(first);
    } else if (code < 0x20 || code == 0x7f) {
      absl::StrAppend(&json, "\\u00", absl::Hex(code, absl::kZeroPad2));
    } else if (code < 0x80) {
      json.push_back(first);
    } else if (const std::size_t bytes = CharacterBytes(text); bytes > 0) {
      json.append(text.data(), bytes);
      text.remove_prefix(bytes);
      continue;
    } else {
      json.append("\xef\xbf\xbd");
    }
    text.remove_prefix(1);
  }
  json.push_back('"');
}

void AppendJsonNumber(float number, std::string& json) {
  if (!std::isfinite(number)) {
    json.append("null");
    return;
  }
  AppendNumber(number, json);
}

void AppendJsonNumber(double number, std::string& json) {
  if (!std::isfinite(number)) {
    json.append("null");
    return;
  }
  AppendNumber(number, json);
}

void AppendJsonNumber(std::int64_t number, std::string& json) { AppendNumber(number, json); }

void AppendJsonNumber(std::uint64_t number, std::string& json) { AppendNumber(number, json); }

}  // namespace mlp
