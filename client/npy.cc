#include "client/npy.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/npy_header.h"

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

// False where `value` has no place among the numbers of `To`.
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
  return absl::UnimplementedError(
      absl::StrCat("the .npy file's elements are '", descr,
                   "'; expected <f4, <f8, |i1, |u1, |b1 or <i, <u of 2, 4 or 8 bytes"));
}

}  // namespace

absl::StatusOr<NpyArray<float>> ReadNpyFloats(absl::string_view file) { return Read<float>(file); }

absl::StatusOr<NpyArray<std::int64_t>> ReadNpyIntegers(absl::string_view file) {
  return Read<std::int64_t>(file);
}

std::string WriteNpy(absl::Span<const std::int64_t> shape, absl::Span<const float> values) {
  std::string header =
      absl::StrCat("{'descr': '<f4', 'fortran_order': False, 'shape': (",
                   absl::StrJoin(shape, ", "), shape.size() == 1 ? ",), }" : "), }");
  // Version 1 counts the header's bytes in two bytes, version 2 in four; the elements begin at a
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
  file += header;
  if (values.empty()) return file;
  const std::size_t begin = file.size();
  file.resize(begin + values.size() * sizeof(float));
  std::memcpy(file.data() + begin, values.data(), values.size() * sizeof(float));
  return file;
}

}  // namespace mlp
