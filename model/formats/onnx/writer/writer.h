// Writes a network as an ONNX file.

#ifndef MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_
#define MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "model/network.h"

namespace mlp {

// A serialised onnx.ModelProto that ReadOnnx reads as a network that answers the same, made of the
// operators of ONNX's own domains: to the bit, unless the network scales rows beside a dense layer,
// which the reader folds into its weights. UNIMPLEMENTED where a part of the network
// has no operator, naming it, and where the file would be larger than protobuf's 2 GiB.
// Thread-safe.
absl::StatusOr<std::string> WriteOnnx(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_WRITER_H_
