// Reads and writes the safetensors format: named tensors in one file, nothing else.
//
// A file is the length of its header (8 bytes, little-endian), the header (JSON: an object with
// {"dtype", "shape", "data_offsets"} for each tensor and, as "__metadata__", an object of strings)
// and the tensors' bytes, little-endian and row-major, one behind the other.
// Source: the "Format" section of the README of Hugging Face's safetensors.

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

// As the header writes it, e.g. "F32"; and the bytes of one element.
absl::string_view NameOf(SafetensorsType type);
std::int64_t SizeOf(SafetensorsType type);

struct SafetensorsTensor {
  std::string name;
  SafetensorsType type = SafetensorsType::kF32;
  std::vector<std::int64_t> shape;  // empty for a single value
  absl::string_view data;           // in the file's bytes, at any alignment

  // The product of the shape, which the data fill.
  std::int64_t count() const { return static_cast<std::int64_t>(data.size()) / SizeOf(type); }
};

struct SafetensorsFile {
  std::vector<SafetensorsTensor> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
};

// The longest header that is read.
inline constexpr std::int64_t kLongestSafetensorsHeader = std::int64_t{16} << 20;

// Reads the header; the tensors point into `file`, which must outlive them. INVALID_ARGUMENT,
// naming the tensor, the value and what was expected, for anything that breaks the format: a header
// that does not end in the file, unknown members and types, shapes whose product overflows or is
// not what the data hold, data that overlap or leave a gap, the same name twice. Memory is bounded
// by a small multiple of the file, and time is linear but for the sorting of the tensors.
// Thread-safe.
absl::StatusOr<SafetensorsFile> ParseSafetensors(absl::string_view file);

// The values of `tensor` as the nearest FP32; a BOOL is 0 or 1, an F64 beyond the range of FP32 is
// infinite. Thread-safe.
std::vector<float> ReadFloats(const SafetensorsTensor& tensor);

// A file with `tensors` in the given order. REQUIRES: each tensor's data fill its shape, and no
// name stands twice or is "__metadata__". Thread-safe.
std::string SerializeSafetensors(absl::Span<const SafetensorsTensor> tensors,
                                 const std::map<std::string, std::string>& metadata);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_SAFETENSORS_H_
