#include "client/npy_header.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// NumPy itself allows at most 64 dimensions.
constexpr std::size_t kMaxNpyDimensions = 64;

// Reads the header's Python dictionary from left to right. Each Take... skips spaces, takes the
// named item if it comes next, and returns whether it did.
class DictionaryCursor {
 public:
  explicit DictionaryCursor(absl::string_view text) : text_(text) {}

  bool TakeSymbol(char symbol) {
    SkipSpaces();
    if (text_.empty() || text_.front() != symbol) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool TakeWord(absl::string_view word) {
    SkipSpaces();
    if (!absl::StartsWith(text_, word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  // A string in single or double quotes, without escapes: no name or type that we accept has one.
  bool TakeString(std::string& value) {
    SkipSpaces();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return false;
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == absl::string_view::npos) return false;
    value = std::string(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value.find('\\') == std::string::npos;
  }

  // A number from 0 to INT64_MAX, optionally with the L that Python 2 writes.
  bool TakeLength(std::int64_t& value) {
    SkipSpaces();
    const std::size_t end = std::min(text_.find_first_not_of("0123456789"), text_.size());
    if (end == 0 || !absl::SimpleAtoi(text_.substr(0, end), &value)) return false;
    text_.remove_prefix(end);
    if (absl::StartsWith(text_, "L")) text_.remove_prefix(1);
    return true;
  }

  // (), (3,) or (3, 4).
  bool TakeShape(std::vector<std::int64_t>& shape) {
    if (!TakeSymbol('(')) return false;
    while (!TakeSymbol(')')) {
      std::int64_t length = 0;
      if (shape.size() == kMaxNpyDimensions || !TakeLength(length)) return false;
      shape.push_back(length);
      if (TakeSymbol(',')) continue;
      return shape.size() > 1 && TakeSymbol(')');
    }
    return true;
  }

  bool AtEnd() {
    SkipSpaces();
    return text_.empty();
  }

 private:
  void SkipSpaces() {
    const std::size_t end = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
    text_.remove_prefix(end);
  }

  absl::string_view text_;
};

struct Dictionary {
  std::string descr;
  std::vector<std::int64_t> shape;
  bool fortran_order = false;
};

absl::StatusOr<Dictionary> ReadDictionary(absl::string_view text) {
  const absl::Status broken = absl::InvalidArgumentError(
      "the .npy header is broken; expected {'descr': ..., 'fortran_order': ..., 'shape': (...)}");
  Dictionary dictionary;
  bool has_descr = false;
  bool has_order = false;
  bool has_shape = false;
  DictionaryCursor cursor(text);
  if (!cursor.TakeSymbol('{')) return broken;
  while (!cursor.TakeSymbol('}')) {
    std::string key;
    if (!cursor.TakeString(key) || !cursor.TakeSymbol(':')) return broken;
    if (key == "descr" && !std::exchange(has_descr, true)) {
      if (cursor.TakeSymbol('[')) {
        return absl::UnimplementedError(
            "the .npy file holds structured elements; expected plain numbers");
      }
      if (!cursor.TakeString(dictionary.descr)) return broken;
    } else if (key == "fortran_order" && !std::exchange(has_order, true)) {
      dictionary.fortran_order = cursor.TakeWord("True");
      if (!dictionary.fortran_order && !cursor.TakeWord("False")) return broken;
    } else if (key == "shape" && !std::exchange(has_shape, true)) {
      if (!cursor.TakeShape(dictionary.shape)) return broken;
    } else {
      return broken;
    }
    if (cursor.TakeSymbol(',')) continue;
    if (!cursor.TakeSymbol('}')) return broken;
    break;
  }
  if (!cursor.AtEnd() || !has_descr || !has_order || !has_shape) return broken;
  return dictionary;
}

}  // namespace

bool IsZipArchive(absl::string_view file) {
  return absl::StartsWith(file, "PK\x03\x04") || absl::StartsWith(file, "PK\x05\x06");
}

absl::StatusOr<NpyHeader> ReadNpyHeader(absl::string_view file) {
  if (IsZipArchive(file)) {
    return absl::InvalidArgumentError(
        "a ZIP archive, such as NumPy's .npz; expected one of its arrays as .npy");
  }
  if (!absl::StartsWith(file, kNpyMagic)) {
    return absl::InvalidArgumentError("not a .npy file: it does not begin with \\x93NUMPY");
  }
  const absl::Status truncated = absl::InvalidArgumentError(
      absl::StrCat("the .npy file ends within its header, after ", file.size(), " bytes"));
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(file[at]); };

  std::size_t begin = kNpyMagic.size() + 2;  // past the version bytes
  if (file.size() < begin + 2) return truncated;
  const int version = byte(kNpyMagic.size());
  if (version < 1 || version > 3) {
    return absl::UnimplementedError(
        absl::StrCat("the .npy file has format version ", version, "; expected 1, 2 or 3"));
  }
  std::size_t length = byte(begin) | std::size_t{byte(begin + 1)} << 8;
  if (version > 1) {
    if (file.size() < begin + 4) return truncated;
    length |= std::size_t{byte(begin + 2)} << 16 | std::size_t{byte(begin + 3)} << 24;
  }
  begin += version == 1 ? 2 : 4;
  if (length > file.size() - begin) return truncated;

  absl::StatusOr<Dictionary> dictionary = ReadDictionary(file.substr(begin, length));
  if (!dictionary.ok()) return dictionary.status();
  if (dictionary->fortran_order && dictionary->shape.size() > 1) {
    return absl::UnimplementedError(
        "the .npy file is in Fortran order; expected C order: save numpy.ascontiguousarray(array)");
  }
  NpyHeader header;
  header.descr = std::move(dictionary->descr);
  header.shape = std::move(dictionary->shape);
  header.data_offset = begin + length;
  for (const std::int64_t dimension : header.shape) {
    if (__builtin_mul_overflow(header.elements, dimension, &header.elements)) {
      return absl::InvalidArgumentError(
          "the .npy header's shape has more elements than a number holds");
    }
  }
  return header;
}

}  // namespace mlp
