// Sparse tensors of an ONNX file, which are converted to dense ones.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_

#include <onnx/onnx_pb.h>

#include "absl/status/statusor.h"
#include "model/formats/onnx/values/conversion.h"

namespace mlp {

// The dense tensor. Its name is that of the sparse tensor's values. INVALID_ARGUMENT for indices
// that are out of range or whose number differs from that of the values; fails like TakeBytes
// beyond the limits.
absl::StatusOr<OnnxConstant> DenseConstant(const onnx::SparseTensorProto& sparse,
                                           OnnxConversion& conversion);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_SPARSE_CONSTANT_H_
