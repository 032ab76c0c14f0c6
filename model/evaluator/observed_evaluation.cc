// Evaluation that shows each layer's values to a callback.

#include <algorithm>

#include "model/evaluator/evaluator.h"

namespace mlp {

void Evaluator::EvaluateObserved(std::int64_t rows, Inputs inputs, Outputs outputs,
                                 Workspace& workspace, Observe observe) const {
  // The memory plan may reuse z's buffer for other values.
  std::vector<float> z(static_cast<std::size_t>(kBlockRows * widest_));
  NetworkActivity uncounted = MakeNetworkActivity(*network_);
  for (std::int64_t row = 0; row < rows; row += kBlockRows) {
    ObserveBlock(row, std::min(kBlockRows, rows - row), inputs, outputs, workspace.pieces_.front(),
                 uncounted, z.data(), observe);
  }
}

void Evaluator::ObserveBlock(std::int64_t first_row, std::int64_t rows, Inputs inputs,
                             Outputs outputs, Piece& piece, NetworkActivity& uncounted, float* z,
                             Observe observe) const {
  for (std::size_t layer = 0; layer < network_->layers().size(); ++layer) {
    FindSources(layer, first_row, inputs, piece);
    const float* made = nullptr;
    if (network_->layers()[layer].combination() == Combination::kDense) {
      made = EvaluateDenseWithZ(layer, rows, piece, z);
    } else {
      EvaluateOther(layer, rows, piece, uncounted);
      made = piece.buffers[memory_.layers[layer].z].data();
    }
    CopyOutputs(layer, first_row, rows, outputs, piece);
    observe(layer, first_row, rows, made, piece.buffers[memory_.layers[layer].a].data());
  }
}

// Returns the address of the layer's z: `z`, or the planned buffer.
const float* Evaluator::EvaluateDenseWithZ(std::size_t layer, std::int64_t rows, Piece& piece,
                                           float* z) const {
  const Layer& network_layer = network_->layers()[layer];
  const DenseLayer& dense = *dense_layers_[layer];
  const RowsView x = DenseSource(layer, rows, piece);
  float* planned_z = piece.buffers[memory_.layers[layer].z].data();
  float* a = piece.buffers[memory_.layers[layer].a].data();
  if (network_layer.has_activity()) {
    dense.Evaluate(x.data, x.stride, rows, dense.AllPanels(), piece.scratch.data(), z, a, nullptr);
    if (reads_z_[layer] && a != planned_z) std::copy_n(z, rows * network_layer.units, planned_z);
    return z;
  }
  dense.PreActivations(x.data, x.stride, rows, dense.AllPanels(), piece.scratch.data(), planned_z);
  for (std::int64_t row = 0; row < rows; ++row) {
    kernels_[layer]->values(planned_z + row * network_layer.units,
                            network_layer.activation.parameters.data(), unit_alphas_[layer].data(),
                            network_layer.units, a + row * network_layer.outputs());
  }
  return planned_z;
}

void Evaluator::Slopes(std::size_t layer, const float* z, const float* a, std::int64_t rows,
                       float* slopes) const {
  const Layer& network_layer = network_->layers()[layer];
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t first = row * network_layer.units;
    kernels_[layer]->slopes(z + first, a + first, network_layer.activation.parameters.data(),
                            unit_alphas_[layer].data(), network_layer.units, slopes + first);
  }
}

}  // namespace mlp
