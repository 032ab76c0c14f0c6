// Reads the values of constant tensors of an ONNX file, within the conversion's limits.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_READ_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_READ_CONSTANT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/values/constant.h"

namespace mlp {

// A row-major tensor.
template <typename Value>
struct ConstantTensor {
  std::vector<std::int64_t> dimensions;
  std::vector<Value> values;
};
using FloatTensor = ConstantTensor<float>;

// The values of a floating-point tensor, e.g. of trained values, with doubles rounded.
// INVALID_ARGUMENT if the data do not match the dimensions or are given in two forms;
// RESOURCE_EXHAUSTED beyond most_memory; UNIMPLEMENTED for another element type and beyond the
// limits. Never allocates more than the file or the external file fills.
absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant, ConstantLimits& limits);

// The same for numbers of any type. UNIMPLEMENTED for an integer that is not exact in double.
absl::StatusOr<ConstantTensor<double>> ReadNumbers(const OnnxConstant& constant,
                                                   ConstantLimits& limits);

// The same, but integers that are not exact in double are rounded.
absl::StatusOr<ConstantTensor<double>> ReadRoundedNumbers(const OnnxConstant& constant,
                                                          ConstantLimits& limits);

// The values of an INT64 or INT32 tensor of at most one dimension: shapes, axes and indices, for
// which ONNX has no other types.
absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant,
                                                       ConstantLimits& limits);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_READ_CONSTANT_H_
