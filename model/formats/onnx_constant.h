// Constant tensors of an ONNX file: initializers, and what Constant nodes hold.

#ifndef MLP_MODEL_FORMATS_ONNX_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_CONSTANT_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/dense_chain.h"

namespace mlp {

// A tensor that stays in the parsed file, and how to look at it. Nothing is checked or copied
// before it is read.
struct OnnxConstant {
  const onnx::TensorProto* tensor = nullptr;
  bool transposed = false;  // a matrix that is read with its two dimensions exchanged

  std::vector<std::int64_t> Dimensions() const;

  // "initializer 'w0'", for messages.
  std::string Text() const;
};

// The values of a FLOAT tensor. INVALID_ARGUMENT where the data do not fit the dimensions or stand
// in two forms; UNIMPLEMENTED for another element type and for external data. Nothing is allocated
// that the file's own bytes do not fill.
absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant);

// The values of an INT64 tensor of at most one dimension and 16 values: shapes, axes and indices.
absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_CONSTANT_H_
