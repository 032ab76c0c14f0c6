#include "client/input_values.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Above this, not every whole number is a float.
constexpr float kGreatestExact = 16777216.0F;  // 2^24

template <typename Element>
bool Holds(float value) {
  if constexpr (std::is_floating_point_v<Element>) {
    return true;
  } else {
    if (std::trunc(value) != value || std::abs(value) > kGreatestExact) return false;
    const auto whole = static_cast<std::int64_t>(value);
    return whole >= static_cast<std::int64_t>(std::numeric_limits<Element>::min()) &&
           (sizeof(Element) == sizeof(std::int64_t) ||
            whole <= static_cast<std::int64_t>(std::numeric_limits<Element>::max()));
  }
}

template <typename Element>
absl::Status WriteAs(const TensorMetadata& input, const InputColumns<float>& columns,
                     std::string& raw) {
  const std::int64_t rows = columns.rows();
  raw.resize(static_cast<std::size_t>(rows * columns.count) * sizeof(Element));
  char* next = raw.data();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns.count; ++column, next += sizeof(Element)) {
      const float value = columns.At(row, column);
      if (!Holds<Element>(value)) {
        return absl::InvalidArgumentError(absl::StrCat("row ", row, ", value ", column,
                                                       " (both from 0) is ", value, "; input '",
                                                       input.name, "' takes ", input.datatype));
      }
      const auto element = static_cast<Element>(value);
      std::memcpy(next, &element, sizeof(Element));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteNumbers(const TensorMetadata& input, const InputColumns<float>& columns,
                          std::string& raw) {
  const std::string& datatype = input.datatype;
  if (datatype == "FP32") return WriteAs<float>(input, columns, raw);
  if (datatype == "FP64") return WriteAs<double>(input, columns, raw);
  if (datatype == "BOOL") return WriteAs<bool>(input, columns, raw);
  if (datatype == "INT8") return WriteAs<std::int8_t>(input, columns, raw);
  if (datatype == "INT16") return WriteAs<std::int16_t>(input, columns, raw);
  if (datatype == "INT32") return WriteAs<std::int32_t>(input, columns, raw);
  if (datatype == "INT64") return WriteAs<std::int64_t>(input, columns, raw);
  if (datatype == "UINT8") return WriteAs<std::uint8_t>(input, columns, raw);
  if (datatype == "UINT16") return WriteAs<std::uint16_t>(input, columns, raw);
  if (datatype == "UINT32") return WriteAs<std::uint32_t>(input, columns, raw);
  if (datatype == "UINT64") return WriteAs<std::uint64_t>(input, columns, raw);
  return absl::UnimplementedError(
      absl::StrCat("input '", input.name, "' has datatype ", datatype,
                   "; this client sends FP32, FP64, integers, BOOL and BYTES"));
}

absl::Status WriteTexts(const TensorMetadata& input, const InputColumns<std::string>& columns,
                        std::string& raw) {
  for (std::int64_t row = 0; row < columns.rows(); ++row) {
    for (std::int64_t column = 0; column < columns.count; ++column) {
      const std::string& text = columns.At(row, column);
      if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        return absl::InvalidArgumentError(absl::StrCat("row ", row, " of input '", input.name,
                                                       "' has a text of ", text.size(), " bytes"));
      }
      const auto size = static_cast<std::uint32_t>(text.size());
      raw.append(reinterpret_cast<const char*>(&size), sizeof(size));
      raw.append(text);
    }
  }
  return absl::OkStatus();
}

}  // namespace mlp
