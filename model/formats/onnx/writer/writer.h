// Writes a network as an ONNX file.

#ifndef MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_
#define MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "model/network.h"

namespace mlp {

// A serialised onnx.ModelProto made of operators in ONNX's own domains. ReadOnnx reads it as a
// network with the same answers, to the bit unless the network scales rows next to a dense layer,
// which the reader folds into the layer's weights. UNIMPLEMENTED, naming the part, if part of the
// network has no operator, and if the file would exceed protobuf's 2 GiB. Thread-safe.
absl::StatusOr<std::string> WriteOnnx(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_
