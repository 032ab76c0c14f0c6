#include "client/bench/element_bytes.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

// `Integer` holds the whole numbers from its lowest to `highest`.
template <typename Integer>
absl::Status AppendIntegers(Datatype datatype, absl::Span<const float> values, std::string& bytes,
                            Integer highest = std::numeric_limits<Integer>::max()) {
  constexpr auto kLowest = static_cast<double>(std::numeric_limits<Integer>::min());
  for (const float value : values) {
    const auto wide = static_cast<double>(value);
    // A double cannot hold 2^64 - 1 or 2^63 - 1: they round up to values out of the type's range.
    const bool in_range =
        wide >= kLowest && (sizeof(Integer) == 8 ? wide < static_cast<double>(highest)
                                                 : wide <= static_cast<double>(highest));
    if (!in_range || wide != std::trunc(wide)) {
      return absl::InvalidArgumentError(
          absl::StrCat(value, " is not a value of datatype ", NameOf(datatype)));
    }
    const auto integer = static_cast<Integer>(wide);
    bytes.append(reinterpret_cast<const char*>(&integer), sizeof(integer));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendElements(Datatype datatype, absl::Span<const float> values, std::string& bytes) {
  switch (datatype) {
    case Datatype::kBool:
      return AppendIntegers<std::uint8_t>(datatype, values, bytes, 1);
    case Datatype::kUint8:
      return AppendIntegers<std::uint8_t>(datatype, values, bytes);
    case Datatype::kUint16:
      return AppendIntegers<std::uint16_t>(datatype, values, bytes);
    case Datatype::kUint32:
      return AppendIntegers<std::uint32_t>(datatype, values, bytes);
    case Datatype::kUint64:
      return AppendIntegers<std::uint64_t>(datatype, values, bytes);
    case Datatype::kInt8:
      return AppendIntegers<std::int8_t>(datatype, values, bytes);
    case Datatype::kInt16:
      return AppendIntegers<std::int16_t>(datatype, values, bytes);
    case Datatype::kInt32:
      return AppendIntegers<std::int32_t>(datatype, values, bytes);
    case Datatype::kInt64:
      return AppendIntegers<std::int64_t>(datatype, values, bytes);
    default:
      break;
  }
  const std::size_t old_size = bytes.size();
  bytes.resize(old_size + values.size() * SizeOf(datatype));
  ConvertFromFloats(values.data(), static_cast<std::int64_t>(values.size()), datatype,
                    bytes.data() + old_size);
  return absl::OkStatus();
}

}  // namespace mlp
