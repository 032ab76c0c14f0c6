// The element types of tensors, as declared by models and carried by requests and answers. The
// evaluator itself computes in FP32.

#ifndef MLP_MODEL_DATATYPE_H_
#define MLP_MODEL_DATATYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace mlp {

enum class Datatype {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
  kBytes,  // strings; the evaluator sees their positions in the network's vocabulary
};

// The Open Inference Protocol's name, e.g. "FP32".
absl::string_view NameOf(Datatype datatype);

// The datatype called `name`, or nothing.
std::optional<Datatype> FindDatatype(absl::string_view name);

// Bytes of one element; 0 for kBytes, whose elements vary in size.
std::size_t SizeOf(Datatype datatype);

// Whether values of the type may be fractions: FP16 to FP64.
bool IsFloatingPoint(Datatype datatype);

// Converts `count` elements at `elements` to the nearest FP32. The address needs no alignment.
// BOOL: 0 or 1; any byte other than 0 is true. An FP64 beyond FP32's range becomes infinite.
// REQUIRES: a datatype other than kBytes.
void ConvertToFloats(Datatype datatype, const void* elements, std::int64_t count, float* floats);

// Converts `count` floats to elements of `datatype`. Floating-point types: rounded to nearest, ties
// to even. Integer types: truncated and clamped to the type's range; NaN becomes the lowest value.
// BOOL: whether the float is not 0. REQUIRES: a datatype other than kBytes.
void ConvertFromFloats(const float* floats, std::int64_t count, Datatype datatype, void* elements);

}  // namespace mlp

#endif  // MLP_MODEL_DATATYPE_H_
