// Writes the operations that read their sources separately (model/row_operations.h) as nodes of an
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

// UNIMPLEMENTED, saying that the layer `what` cannot be written as ONNX.
absl::Status NotWrittenAsOnnx(const Layer& layer, absl::string_view what);

// A layer and one tensor, [batch, width], for each of its sources; a constant source of a function
// may be [width].
struct LayerSources {
  const Layer& layer;
  const std::vector<std::string>& sources;
  OnnxGraphWriter& writer;
};

// Each writes z. UNIMPLEMENTED if no operator in the written operator set computes it. REQUIRES:
// `operation` is the layer's operation.
absl::StatusOr<std::string> WriteOperation(const UnitFunction& operation,
                                           const LayerSources& layer_sources);
absl::StatusOr<std::string> WriteOperation(const Reduction& operation,
                                           const LayerSources& layer_sources);
absl::StatusOr<std::string> WriteOperation(const Selection& operation,
                                           const LayerSources& layer_sources);
absl::StatusOr<std::string> WriteOperation(const Lookup& operation,
                                           const LayerSources& layer_sources);
absl::StatusOr<std::string> WriteOperation(const MatrixProduct& operation,
                                           const LayerSources& layer_sources);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_OPERATION_WRITER_H_
