// The values of a constant in the forms in which a file may store them: raw bytes, numbers of a
// type, or bytes of another file. Internal to model/formats/onnx/values: use read_constant.h.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_STORED_VALUES_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_STORED_VALUES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/datatype.h"
#include "model/formats/onnx/values/constant.h"

namespace mlp::internal {

// The constant's values in the file's order, even if the constant is transposed. `Value` is float,
// double or std::int64_t; the last holds values of UINT64 as the same bits. `datatype` is the
// constant's element type. Takes the memory from `limits`. INVALID_ARGUMENT if the data do not
// match the dimensions or are given in two forms; RESOURCE_EXHAUSTED beyond most_memory;
// UNIMPLEMENTED beyond the other limits. Never allocates more than the file or the external file
// fills.
template <typename Value>
absl::StatusOr<std::vector<Value>> StoredValues(const OnnxConstant& constant, Datatype datatype,
                                                ConstantLimits& limits);

extern template absl::StatusOr<std::vector<float>> StoredValues(const OnnxConstant&, Datatype,
                                                                ConstantLimits&);
extern template absl::StatusOr<std::vector<double>> StoredValues(const OnnxConstant&, Datatype,
                                                                 ConstantLimits&);
extern template absl::StatusOr<std::vector<std::int64_t>> StoredValues(const OnnxConstant&,
                                                                       Datatype, ConstantLimits&);

}  // namespace mlp::internal

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_STORED_VALUES_H_
