// The element types of tensors, as models declare them and requests and answers carry them. The
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
  kBytes,  // strings, of which the evaluator sees positions in the network's vocabulary
};

// As the Open Inference Protocol writes it, e.g. "FP32".
absl::string_view NameOf(Datatype datatype);

// The datatype of that name; none where there is none.
std::optional<Datatype> FindDatatype(absl::string_view name);

// The bytes of one element; 0 for kBytes, whose elements have none in common.
std::size_t SizeOf(Datatype datatype);

// Whether values of the type may be fractions: FP16 to FP64.
bool IsFloatingPoint(Datatype datatype);

// Converts `count` elements at `elements`, an address of any alignment, to the nearest FP32. A BOOL
// is 0 or 1, any other byte than 0 being true; an FP64 beyond FP32's range is infinite. REQUIRES:
// another datatype than kBytes.
void ConvertToFloats(Datatype datatype, const void* elements, std::int64_t count, float* floats);

// Converts `count` floats to elements of `datatype`: rounded to nearest, even, where it is a
// floating-point one; towards zero where it has integers, of which the lowest stands for NaN and
// for what is beyond them; a BOOL is whether the float is not 0. REQUIRES: another datatype than
// kBytes.
void ConvertFromFloats(const float* floats, std::int64_t count, Datatype datatype, void* elements);

}  // namespace mlp

#endif  // MLP_MODEL_DATATYPE_H_
