// Reads and writes the safetensors format: named tensors in one file, nothing else.
//
// A file consists of the length of its header (8 bytes, little-endian), the header (JSON: an object
// with {"dtype", "shape", "data_offsets"} for each tensor and, as "__metadata__", an object of
// strings) and the tensors' contiguous data, little-endian and row-major. Source: the "Format"
// section of the README of Hugging Face's safetensors.

#ifndef MLP_MODEL_FORMATS_NATIVE_SAFETENSORS_H_
#define MLP_MODEL_FORMATS_NATIVE_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

enum class SafetensorsType {
  kBool,
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kU64,
  kI64,
  kF16,
  kBf16,
  kF32,
  kF64,
};

// The name in the header, e.g. "F32"; and the bytes of one element.
absl::string_view NameOf(SafetensorsType type);
std::int64_t SizeOf(SafetensorsType type);

struct SafetensorsTensor {
  std::string name;
  SafetensorsType type = SafetensorsType::kF32;
  std::vector<std::int64_t> shape;  // empty for a single value
  absl::string_view data;           // within the file's contents, at any alignment

  // The product of the shape, which the data must match.
  std::int64_t count() const { return static_cast<std::int64_t>(data.size()) / SizeOf(type); }
};

struct SafetensorsFile {
  std::vector<SafetensorsTensor> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
};

// The longest accepted header.
inline constexpr std::int64_t kLongestSafetensorsHeader = std::int64_t{16} << 20;

// Reads the header. The tensors point into `file`, which must outlive them. INVALID_ARGUMENT,
// naming the tensor, the value and what was expected, for anything that breaks the format: a header
// that does not end within the file, unknown members or types, shapes whose product overflows or
// does not match the data, data that overlap or leave a gap, duplicate names. Memory is limited to
// a small multiple of the file's size. Time is linear except for sorting the tensors. Thread-safe.
absl::StatusOr<SafetensorsFile> ParseSafetensors(absl::string_view file);

// The values of `tensor` as the nearest FP32. A BOOL is 0 or 1; an F64 outside FP32's range becomes
// infinite. Thread-safe.
std::vector<float> ReadFloats(const SafetensorsTensor& tensor);

// A file with `tensors` in the given order. REQUIRES: each tensor's data match its shape, and names
// are unique and not "__metadata__". Thread-safe.
std::string SerializeSafetensors(absl::Span<const SafetensorsTensor> tensors,
                                 const std::map<std::string, std::string>& metadata);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_SAFETENSORS_H_
