// The buffers of an evaluation: makes them, and counts their bytes.

#include "model/evaluator/evaluator.h"

namespace mlp {

Evaluator::Workspace Evaluator::MakeWorkspace() const {
  Workspace workspace;
  workspace.pieces_.resize(static_cast<std::size_t>(threads()));
  for (Piece& piece : workspace.pieces_) {
    piece.buffers.reserve(memory_.widths.size());
    for (const std::int64_t width : memory_.widths) {
      piece.buffers.emplace_back(static_cast<std::size_t>(kBlockRows * width));
    }
    piece.slopes.resize(static_cast<std::size_t>(widest_));
    piece.scratch.resize(static_cast<std::size_t>(scratch_floats_));
    piece.sources.reserve(most_sources_);
    piece.activity = MakeNetworkActivity(*network_);
  }
  return workspace;
}

std::int64_t Evaluator::workspace_bytes() const {
  std::size_t bytes = sizeof(Piece) +
                      static_cast<std::size_t>(widest_ + scratch_floats_) * sizeof(float) +
                      most_sources_ * sizeof(RowsView);
  for (const std::int64_t width : memory_.widths) {
    bytes +=
        sizeof(std::vector<float>) + static_cast<std::size_t>(kBlockRows * width) * sizeof(float);
  }
  for (const Layer& layer : network_->layers()) {
    bytes += sizeof(LayerActivity) +
             static_cast<std::size_t>(layer.units * LayerActivity::kUnitBytes) +
             static_cast<std::size_t>((layer.units + kMaxPanelUnits - 1) / kMaxPanelUnits) *
                 sizeof(TileSums);
  }
  return static_cast<std::int64_t>(bytes) * threads();
}

}  // namespace mlp
