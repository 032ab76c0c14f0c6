// Writes the layers of a network as nodes of an ONNX graph. Internal to writer.cc.

#ifndef MLP_MODEL_FORMATS_ONNX_WRITER_LAYER_WRITER_H_
#define MLP_MODEL_FORMATS_ONNX_WRITER_LAYER_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/writer/graph_writer.h"
#include "model/network.h"

namespace mlp {

// The tensors of a layer's two taps: [batch, units], or [units] for constants.
struct OnnxLayerTensors {
  std::string z;
  std::string a;
};

// Writes z from `sources`, one tensor for each of the layer's sources; only a function may have
// constants among them. For a constant layer, z is [units]. UNIMPLEMENTED, naming the combination
// and the layer, if no operator computes it.
absl::StatusOr<std::string> WriteCombination(const Layer& layer,
                                             const std::vector<std::string>& sources,
                                             OnnxGraphWriter& writer);

// Writes f(z); returns `z` itself for the identity. UNIMPLEMENTED for an activation that cannot be
// written.
absl::StatusOr<std::string> WriteActivation(const Layer& layer, const std::string& z,
                                            OnnxGraphWriter& writer);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_WRITER_LAYER_WRITER_H_
