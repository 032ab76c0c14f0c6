#include "model/datatype.h"

#include <Eigen/Core>
#include <bit>
#include <cstring>
#include <limits>

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are little-endian");

template <typename Element>
void ConvertElements(const void* elements, std::int64_t count, float* floats) {
  const char* bytes = static_cast<const char*>(elements);
  for (std::int64_t i = 0; i < count; ++i) {
    Element element;
    std::memcpy(&element, bytes + i * static_cast<std::int64_t>(sizeof(Element)), sizeof(Element));
    floats[i] = static_cast<float>(element);
  }
}

template <typename Integer>
Integer ToInteger(float value) {
  constexpr auto kLowest = std::numeric_limits<Integer>::lowest();
  // The first float above the greatest integer is a power of two.
  constexpr auto kEnd =
      static_cast<float>(Integer{1} << (std::numeric_limits<Integer>::digits - 1)) * 2.0F;
  // As a float, the greatest integer of 32 or 64 bits is rounded up to kEnd.
  if (value >= kEnd) return std::numeric_limits<Integer>::max();
  // Also taken for NaN.
  if (!(value > static_cast<float>(kLowest) - 1.0F)) return kLowest;
  return static_cast<Integer>(value);
}

template <typename Integer>
void ConvertToIntegers(const float* floats, std::int64_t count, void* elements) {
  char* bytes = static_cast<char*>(elements);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto element = ToInteger<Integer>(floats[i]);
    std::memcpy(bytes + i * static_cast<std::int64_t>(sizeof(Integer)), &element, sizeof(Integer));
  }
}

template <typename Element>
void ConvertFloats(const float* floats, std::int64_t count, void* elements) {
  char* bytes = static_cast<char*>(elements);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto element = static_cast<Element>(floats[i]);
    std::memcpy(bytes + i * static_cast<std::int64_t>(sizeof(Element)), &element, sizeof(Element));
  }
}

}  // namespace

absl::string_view NameOf(Datatype datatype) {
  switch (datatype) {
    case Datatype::kBool:
      return "BOOL";
    case Datatype::kUint8:
      return "UINT8";
    case Datatype::kUint16:
      return "UINT16";
    case Datatype::kUint32:
      return "UINT32";
    case Datatype::kUint64:
      return "UINT64";
    case Datatype::kInt8:
      return "INT8";
    case Datatype::kInt16:
      return "INT16";
    case Datatype::kInt32:
      return "INT32";
    case Datatype::kInt64:
      return "INT64";
    case Datatype::kFp16:
      return "FP16";
    case Datatype::kBf16:
      return "BF16";
    case Datatype::kFp32:
      return "FP32";
    case Datatype::kFp64:
      return "FP64";
    case Datatype::kBytes:
      return "BYTES";
  }
  return "";
}

std::optional<Datatype> FindDatatype(absl::string_view name) {
  for (int i = 0; i <= static_cast<int>(Datatype::kBytes); ++i) {
    const auto datatype = static_cast<Datatype>(i);
    if (NameOf(datatype) == name) return datatype;
  }
  return std::nullopt;
}

std::size_t SizeOf(Datatype datatype) {
  switch (datatype) {
    case Datatype::kBool:
    case Datatype::kUint8:
    case Datatype::kInt8:
      return 1;
    case Datatype::kUint16:
    case Datatype::kInt16:
    case Datatype::kFp16:
    case Datatype::kBf16:
      return 2;
    case Datatype::kUint32:
    case Datatype::kInt32:
    case Datatype::kFp32:
      return 4;
    case Datatype::kUint64:
    case Datatype::kInt64:
    case Datatype::kFp64:
      return 8;
    case Datatype::kBytes:
      return 0;
  }
  return 0;
}

bool IsFloatingPoint(Datatype datatype) {
  return datatype == Datatype::kFp16 || datatype == Datatype::kBf16 ||
         datatype == Datatype::kFp32 || datatype == Datatype::kFp64;
}

void ConvertToFloats(Datatype datatype, const void* elements, std::int64_t count, float* floats) {
  switch (datatype) {
    case Datatype::kBool: {
      const auto* bytes = static_cast<const std::uint8_t*>(elements);
      for (std::int64_t i = 0; i < count; ++i) floats[i] = bytes[i] != 0 ? 1.0F : 0.0F;
      return;
    }
    case Datatype::kUint8:
      return ConvertElements<std::uint8_t>(elements, count, floats);
    case Datatype::kUint16:
      return ConvertElements<std::uint16_t>(elements, count, floats);
    case Datatype::kUint32:
      return ConvertElements<std::uint32_t>(elements, count, floats);
    case Datatype::kUint64:
      return ConvertElements<std::uint64_t>(elements, count, floats);
    case Datatype::kInt8:
      return ConvertElements<std::int8_t>(elements, count, floats);
    case Datatype::kInt16:
      return ConvertElements<std::int16_t>(elements, count, floats);
    case Datatype::kInt32:
      return ConvertElements<std::int32_t>(elements, count, floats);
    case Datatype::kInt64:
      return ConvertElements<std::int64_t>(elements, count, floats);
    case Datatype::kFp16:
      return ConvertElements<Eigen::half>(elements, count, floats);
    case Datatype::kBf16:
      return ConvertElements<Eigen::bfloat16>(elements, count, floats);
    case Datatype::kFp32:
      // An empty array may have a null address, which memcpy must not get.
      if (count > 0) std::memcpy(floats, elements, static_cast<std::size_t>(count) * sizeof(float));
      return;
    case Datatype::kFp64:
      return ConvertElements<double>(elements, count, floats);
    case Datatype::kBytes:
      return;
  }
}

void ConvertFromFloats(const float* floats, std::int64_t count, Datatype datatype, void* elements) {
  switch (datatype) {
    case Datatype::kBool: {
      auto* bytes = static_cast<std::uint8_t*>(elements);
      for (std::int64_t i = 0; i < count; ++i) bytes[i] = floats[i] != 0.0F ? 1 : 0;
      return;
    }
    case Datatype::kUint8:
      return ConvertToIntegers<std::uint8_t>(floats, count, elements);
    case Datatype::kUint16:
      return ConvertToIntegers<std::uint16_t>(floats, count, elements);
    case Datatype::kUint32:
      return ConvertToIntegers<std::uint32_t>(floats, count, elements);
    case Datatype::kUint64:
      return ConvertToIntegers<std::uint64_t>(floats, count, elements);
    case Datatype::kInt8:
      return ConvertToIntegers<std::int8_t>(floats, count, elements);
    case Datatype::kInt16:
      return ConvertToIntegers<std::int16_t>(floats, count, elements);
    case Datatype::kInt32:
      return ConvertToIntegers<std::int32_t>(floats, count, elements);
    case Datatype::kInt64:
      return ConvertToIntegers<std::int64_t>(floats, count, elements);
    case Datatype::kFp16:
      return ConvertFloats<Eigen::half>(floats, count, elements);
    case Datatype::kBf16:
      return ConvertFloats<Eigen::bfloat16>(floats, count, elements);
    case Datatype::kFp64:
      return ConvertFloats<double>(floats, count, elements);
    case Datatype::kFp32:
      return ConvertFloats<float>(floats, count, elements);
    case Datatype::kBytes:
      return;
  }
}

}  // namespace mlp
