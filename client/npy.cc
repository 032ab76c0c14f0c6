#include "client/npy.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/npy_header.h"
#include "client/utf32.h"

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

// False if `To` cannot represent `value`.
template <typename To, typename From>
bool Convert(From value, To& converted) {
  if constexpr (std::is_same_v<To, float>) {
    converted = static_cast<float>(value);
    if constexpr (std::is_floating_point_v<From>) {
      return !std::isfinite(value) || std::isfinite(converted);
    }
    return true;
  } else if constexpr (std::is_floating_point_v<From>) {
    // 2^63 is exact in both types; INT64_MAX is in neither.
    constexpr From kLimit = 9223372036854775808.0;
    if (!(value >= -kLimit && value < kLimit) || std::trunc(value) != value) return false;
    converted = static_cast<To>(value);
    return true;
  } else {
    converted = static_cast<To>(value);  // NOLINT(bugprone-signed-char-misuse): an integer type
    return !std::is_same_v<From, std::uint64_t> || converted >= 0;
  }
}

template <typename To, typename From>
absl::StatusOr<NpyArray<To>> ReadElements(absl::string_view file, const NpyHeader& header) {
  const std::size_t bytes = file.size() - header.data_offset;
  const auto elements = static_cast<std::uint64_t>(header.elements);
  if (bytes % sizeof(From) != 0 || bytes / sizeof(From) != elements) {
    return absl::InvalidArgumentError(
        absl::StrCat("the .npy file has ", bytes, " bytes of elements; its shape (",
                     absl::StrJoin(header.shape, ", "), ") of ", header.descr, " has ", elements,
                     " elements of ", sizeof(From), " bytes"));
  }
  NpyArray<To> array{header.shape, std::vector<To>(elements)};
  const char* next = file.data() + header.data_offset;  // may be unaligned
  for (std::size_t i = 0; i < elements; ++i, next += sizeof(From)) {
    From value;
    std::memcpy(&value, next, sizeof(From));
    if (!Convert(value, array.values[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("element ", i, " of the .npy file is ", value, "; expected ",
                       std::is_same_v<To, float> ? "a number in the range of FP32"
                                                 : "a whole number in the range of INT64"));
    }
  }
  return array;
}

template <typename To>
absl::StatusOr<NpyArray<To>> Read(absl::string_view file) {
  const absl::StatusOr<NpyHeader> header = ReadNpyHeader(file);
  if (!header.ok()) return header.status();
  const std::string& descr = header->descr;
  if (descr == "<f4") return ReadElements<To, float>(file, *header);
  if (descr == "<f8") return ReadElements<To, double>(file, *header);
  if (descr == "|i1") return ReadElements<To, std::int8_t>(file, *header);
  if (descr == "|u1" || descr == "|b1") return ReadElements<To, std::uint8_t>(file, *header);
  if (descr == "<i2") return ReadElements<To, std::int16_t>(file, *header);
  if (descr == "<u2") return ReadElements<To, std::uint16_t>(file, *header);
  if (descr == "<i4") return ReadElements<To, std::int32_t>(file, *header);
  if (descr == "<u4") return ReadElements<To, std::uint32_t>(file, *header);
  if (descr == "<i8") return ReadElements<To, std::int64_t>(file, *header);
  if (descr == "<u8") return ReadElements<To, std::uint64_t>(file, *header);
  if (absl::StartsWith(descr, "|O")) {
    return absl::UnimplementedError(
        "the .npy file's elements are Python objects; expected an array of numbers or of texts: "
        "save array.astype('float32'), or array.astype(str)");
  }
  return absl::UnimplementedError(
      absl::StrCat("the .npy file's elements are '", descr,
                   "'; expected <f4, <f8, |i1, |u1, |b1 or <i, <u of 2, 4 or 8 bytes"));
}

// The text of one element, without the zeros at its end.
absl::StatusOr<std::string> TextOf(absl::string_view element, bool unicode) {
  std::string text;
  if (!unicode) {
    text = std::string(element);
  } else {
    for (std::size_t at = 0; at < element.size(); at += sizeof(char32_t)) {
      char32_t character = 0;
      std::memcpy(&character, element.data() + at, sizeof(character));
      if (!AppendUtf8(character, text)) {
        return absl::InvalidArgumentError("a text in the .npy file is not valid Unicode");
      }
    }
  }
  const std::size_t end = text.find_last_not_of('\0');
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

// The number of characters of a <U or |S element; nullopt for others.
std::optional<std::int64_t> CharactersOf(absl::string_view descr) {
  std::int64_t characters = 0;
  if ((!absl::ConsumePrefix(&descr, "<U") && !absl::ConsumePrefix(&descr, "|S")) ||
      !absl::SimpleAtoi(descr, &characters) || characters < 0) {
    return std::nullopt;
  }
  return characters;
}

}  // namespace

absl::StatusOr<NpyArray<float>> ReadNpyFloats(absl::string_view file) { return Read<float>(file); }

absl::StatusOr<NpyArray<std::int64_t>> ReadNpyIntegers(absl::string_view file) {
  return Read<std::int64_t>(file);
}

bool HoldsStrings(absl::string_view file) {
  const absl::StatusOr<NpyHeader> header = ReadNpyHeader(file);
  return header.ok() && CharactersOf(header->descr).has_value();
}

absl::StatusOr<NpyArray<std::string>> ReadNpyStrings(absl::string_view file) {
  const absl::StatusOr<NpyHeader> header = ReadNpyHeader(file);
  if (!header.ok()) return header.status();
  const std::optional<std::int64_t> characters = CharactersOf(header->descr);
  if (!characters.has_value()) {
    return absl::UnimplementedError(absl::StrCat("the .npy file's elements are '", header->descr,
                                                 "'; expected texts, <U or |S"));
  }
  const bool unicode = header->descr[1] == 'U';
  const absl::string_view bytes = file.substr(header->data_offset);
  std::int64_t element_bytes = 0;
  std::int64_t expected = 0;
  if (__builtin_mul_overflow(*characters, std::int64_t{unicode ? 4 : 1}, &element_bytes) ||
      __builtin_mul_overflow(element_bytes, header->elements, &expected) ||
      expected != static_cast<std::int64_t>(bytes.size()) ||
      (element_bytes == 0 && header->elements > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the .npy file has ", bytes.size(), " bytes of elements; its shape (",
                     absl::StrJoin(header->shape, ", "), ") has ", header->elements,
                     " elements of ", header->descr));
  }
  NpyArray<std::string> array{header->shape, {}};
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(element_bytes)) {
    absl::StatusOr<std::string> text =
        TextOf(bytes.substr(at, static_cast<std::size_t>(element_bytes)), unicode);
    if (!text.ok()) return text.status();
    array.values.push_back(*std::move(text));
  }
  return array;
}

}  // namespace mlp
