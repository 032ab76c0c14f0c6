#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/npy.h"
#include "client/npy_header.h"
#include "client/utf32.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxStringBytes = std::size_t{4} << 30;

std::string HeaderOf(absl::Span<const std::int64_t> shape, absl::string_view descr) {
  std::string header =
      absl::StrCat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (",
                   absl::StrJoin(shape, ", "), shape.size() == 1 ? ",), }" : "), }");
  // Version 1 stores the header's length in two bytes, version 2 in four. The elements start at a
  // multiple of 64.
  const int version = header.size() < 65'000 ? 1 : 2;
  const std::size_t prefix = kNpyMagic.size() + 2 + (version == 1 ? 2 : 4);
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';

  std::string file(kNpyMagic);
  file += static_cast<char>(version);
  file += '\0';
  for (std::size_t byte = 0; byte < prefix - kNpyMagic.size() - 2; ++byte) {
    file += static_cast<char>(header.size() >> (8 * byte) & 0xff);
  }
  return file + header;
}

template <typename Element, typename Value>
std::string WriteElements(absl::Span<const std::int64_t> shape, absl::Span<const Value> values,
                          absl::string_view descr) {
  std::string file = HeaderOf(shape, descr);
  std::size_t at = file.size();
  file.resize(at + values.size() * sizeof(Element));
  for (const Value value : values) {
    const auto element = static_cast<Element>(value);
    std::memcpy(file.data() + at, &element, sizeof(Element));
    at += sizeof(Element);
  }
  return file;
}

}  // namespace

std::string WriteNpy(absl::Span<const std::int64_t> shape, absl::Span<const float> values) {
  return WriteElements<float>(shape, values, "<f4");
}

std::string WriteNpyDoubles(absl::Span<const std::int64_t> shape, absl::Span<const float> values) {
  return WriteElements<double>(shape, values, "<f8");
}

std::string WriteNpyIntegers(absl::Span<const std::int64_t> shape,
                             absl::Span<const std::int64_t> values, absl::string_view descr) {
  // Two's complement: the low bytes of signed and unsigned numbers are the same.
  switch (descr.back()) {
    case '1':
      return WriteElements<std::int8_t>(shape, values, descr);
    case '2':
      return WriteElements<std::int16_t>(shape, values, descr);
    case '4':
      return WriteElements<std::int32_t>(shape, values, descr);
    default:
      return WriteElements<std::int64_t>(shape, values, descr);
  }
}

absl::StatusOr<std::string> WriteNpyStrings(absl::Span<const std::int64_t> shape,
                                            absl::Span<const std::string> values) {
  std::size_t longest = 1;  // NumPy's shortest element
  std::vector<std::u32string> texts;
  for (const std::string& value : values) {
    texts.push_back(FromUtf8(value));
    longest = std::max(longest, texts.back().size());
  }
  const std::size_t element_bytes = longest * sizeof(char32_t);
  if (values.size() > kMaxStringBytes / element_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        values.size(), " texts of up to ", longest,
        " characters exceed the .npy limit, because every element takes ", longest, " characters"));
  }
  std::string file = HeaderOf(shape, absl::StrCat("<U", longest));
  std::size_t at = file.size();
  file.resize(at + values.size() * element_bytes);
  for (const std::u32string& text : texts) {
    if (!text.empty()) std::memcpy(file.data() + at, text.data(), text.size() * sizeof(char32_t));
    at += element_bytes;
  }
  return file;
}

}  // namespace mlp
