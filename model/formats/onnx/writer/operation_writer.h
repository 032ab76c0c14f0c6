// Writes the operations that read each source by itself (model/row_operations.h) as nodes of an
// ONNX graph. Internal to layer_writer.cc.

#ifndef MLP_MODEL_FORMATS_ONNX_WRITER_OPERATION_WRITER_H_
#define MLP_MODEL_FORMATS_ONNX_WRITER_OPERATION_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/writer/graph_writer.h"
#include "model/network.h"

namespace mlp {

// UNIMPLEMENTED: the layer `what`, which is not written as ONNX.
absl::Status NotWrittenAsOnnx(const Layer& layer, absl::string_view what);

// A layer and one tensor [batch, width] for each of its sources; a constant in front of a function
// may be [width] alone.
struct LayerSources {
  const Layer& layer;
  const std::vector<std::string>& sources;
  OnnxGraphWriter& writer;
};

// z. UNIMPLEMENTED for what no operator of the written operator set does. REQUIRES: the layer's
// operation.
absl::StatusOr<std::string> WriteOperation(const UnitFunction& operation, const LayerSources& of);
absl::StatusOr<std::string> WriteOperation(const Reduction& operation, const LayerSources& of);
absl::StatusOr<std::string> WriteOperation(const Selection& operation, const LayerSources& of);
absl::StatusOr<std::string> WriteOperation(const Lookup& operation, const LayerSources& of);
absl::StatusOr<std::string> WriteOperation(const MatrixProduct& operation, const LayerSources& of);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_OPERATION_WRITER_H_
