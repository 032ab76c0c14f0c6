// Sparse tensors of an ONNX file, which are made dense when the file is read.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_

#include <onnx/onnx_pb.h>

#include "absl/status/statusor.h"
#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// The tensor with its zeros. Its values' name is its own. INVALID_ARGUMENT for indices that are out
// of range or not as many as the values, and beyond the limits.
absl::StatusOr<OnnxConstant> DenseConstant(const onnx::SparseTensorProto& sparse,
                                           OnnxConversion& conversion);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_
