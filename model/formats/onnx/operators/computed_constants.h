// Values that are known when the file is read, as numbers, and new constants computed from them.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_COMPUTED_CONSTANTS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_COMPUTED_CONSTANTS_H_

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {

// The numbers of input `index`, a constant or a list of integers, as doubles. UNIMPLEMENTED if the
// list contains the number of rows; fails like ReadNumbers.
absl::StatusOr<ConstantTensor<double>> NumbersOfConstantAt(const Operands& operands,
                                                           std::size_t index);

// The ONNX type of input `index`, a constant or a list, and whether it has integers. REQUIRES: the
// input is one of these.
int TypeOfConstantAt(const Operands& operands, std::size_t index);
bool IsIntegerAt(const Operands& operands, std::size_t index);

// Subtracts `bytes` from the bytes that constants may still take, before they are made. Fails like
// TakeBytes.
absl::Status TakeConstantBytes(const Operands& operands, std::int64_t bytes);

// Sets the values of `made`: truncated for an integer type, and as FLOAT in place of FLOAT16 and
// BFLOAT16. REQUIRES: an integer type can hold them.
void FillTensor(const std::vector<double>& values, int type, onnx::TensorProto& made);

// A new constant of ONNX type `type`, which the conversion keeps. UNIMPLEMENTED if elements of that
// type are not numbers; fails like TakeBytes.
absl::StatusOr<OnnxConstant> NewConstant(const Operands& operands,
                                         const std::vector<std::int64_t>& dimensions,
                                         const std::vector<double>& values, int type);

// The entries as a list if they may be a shape, otherwise as a constant of INT64. UNIMPLEMENTED for
// a constant that contains the number of rows; fails like NewConstant.
absl::StatusOr<OnnxValue> IntegersOf(const Operands& operands,
                                     const std::vector<std::int64_t>& dimensions,
                                     std::vector<std::int64_t> entries);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_COMPUTED_CONSTANTS_H_
