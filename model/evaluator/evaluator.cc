#include "model/evaluator/evaluator.h"

#include <oneapi/tbb/parallel_for.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

namespace mlp {
namespace {

// Batches and layers with less work than this are not split: they take some tens of microseconds on
// one core, and waking other threads costs as much.
constexpr std::int64_t kSplitMultiplyAdds = 1'000'000;

// Calls `evaluate` with 0 to `count` - 1, on the threads of the caller's arena. A thread that waits
// for the others takes no unrelated work: the arena is shared, and a piece of another batch may
// take long.
template <typename Evaluate>
void ForEachPiece(std::int64_t count, const Evaluate& evaluate) {
  tbb::this_task_arena::isolate([&] { tbb::parallel_for(std::int64_t{0}, count, evaluate); });
}

}  // namespace

Evaluator::Evaluator(Network network, double saturation_epsilon, tbb::task_arena& arena,
                     InstructionSet instruction_set, WeightStorage storage)
    : saturation_epsilon_(saturation_epsilon),
      arena_(arena),
      instruction_set_(instruction_set),
      weight_storage_(storage),
      memory_(PlanMemory(network)) {
  for (std::size_t index = 0; index < network.layers().size(); ++index) {
    const Layer& layer = network.layers()[index];
    saturation_bounds_.push_back(BoundsOf(layer, saturation_epsilon));
    kernels_.push_back(&KernelOf(layer.activation.kind, instruction_set));
    widest_ = std::max(widest_, layer.units);
    most_sources_ = std::max(most_sources_, layer.sources.size());
    std::vector<float>& alphas = unit_alphas_.emplace_back(layer.activation.unit_alpha);
    if (alphas.size() == 1) alphas.resize(static_cast<std::size_t>(layer.units), alphas.front());
    if (layer.combination() != Combination::kDense) {
      dense_layers_.push_back(nullptr);
      multiply_adds_per_row_ += std::max(layer.inputs, layer.units);
      if (const auto* product = std::get_if<MatrixProduct>(&layer.operation)) {
        multiply_adds_per_row_ += layer.units * product->depth;
      }
      continue;
    }
    const DenseLayer& dense = *dense_layers_.emplace_back(std::make_unique<const DenseLayer>(
        layer, saturation_bounds_.back(), instruction_set, storage));
    scratch_floats_ = std::max(scratch_floats_, dense.ScratchFloats(kBlockRows));
    multiply_adds_per_row_ += layer.inputs * layer.units;
    network.ReleaseWeights(index);
  }
  network_ = std::make_shared<const Network>(std::move(network));
  reads_z_.resize(network_->layers().size());
  for (const Layer& layer : network_->layers()) {
    for (const Source& source : layer.sources) {
      if (source.tap == Tap::kPreActivation && !source.is_input()) {
        reads_z_[static_cast<std::size_t>(source.layer)] = true;
      }
    }
  }
  for (const NetworkOutput& output : network_->outputs()) {
    if (output.tap == Tap::kPreActivation) {
      reads_z_[static_cast<std::size_t>(output.layer)] = true;
    }
  }
}

std::int64_t Evaluator::weight_bytes() const {
  std::int64_t bytes = 0;
  for (std::size_t index = 0; index < dense_layers_.size(); ++index) {
    if (dense_layers_[index] != nullptr) {
      bytes += dense_layers_[index]->bytes();
      continue;
    }
    bytes += ValuesHeldBy(network_->layers()[index].operation).bytes +
             static_cast<std::int64_t>(unit_alphas_[index].size() * sizeof(float));
  }
  return bytes;
}

void Evaluator::Evaluate(std::int64_t rows, Inputs inputs, Outputs outputs, Workspace& workspace,
                         NetworkActivity& activity, int most_threads) const {
  const std::size_t threads =
      std::min(workspace.pieces_.size(), static_cast<std::size_t>(most_threads));
  const std::int64_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  const std::int64_t pieces = std::min(blocks, static_cast<std::int64_t>(threads));
  if (rows * multiply_adds_per_row_ < kSplitMultiplyAdds || threads == 1) {
    EvaluateRows(0, rows, inputs, outputs, workspace.pieces_.front(), activity);
    return;
  }
  if (pieces == 1) {
    Piece& piece = workspace.pieces_.front();
    piece.helpers = absl::MakeSpan(workspace.pieces_).first(threads);
    arena_.execute([&] { EvaluateRows(0, rows, inputs, outputs, piece, activity); });
    piece.helpers = {};
    return;
  }
  arena_.execute([&] {
    ForEachPiece(pieces, [&](std::int64_t index) {
      Piece& piece = workspace.pieces_[static_cast<std::size_t>(index)];
      ResetNetworkActivity(piece.activity);
      const std::int64_t first_row = index * blocks / pieces * kBlockRows;
      const std::int64_t end_row = std::min(rows, (index + 1) * blocks / pieces * kBlockRows);
      EvaluateRows(first_row, end_row, inputs, outputs, piece, piece.activity);
    });
  });
  // Merging in the pieces' order makes the sums independent of which thread finished first.
  for (std::int64_t index = 0; index < pieces; ++index) {
    Piece& piece = workspace.pieces_[static_cast<std::size_t>(index)];
    SettleNetworkActivity(piece.activity);
    MergeNetworkActivity(piece.activity, activity);
  }
}

void Evaluator::EvaluateRows(std::int64_t first_row, std::int64_t end_row, Inputs inputs,
                             Outputs outputs, Piece& piece, NetworkActivity& activity) const {
  for (std::int64_t row = first_row; row < end_row; row += kBlockRows) {
    EvaluateBlock(row, std::min(kBlockRows, end_row - row), inputs, outputs, piece, activity);
  }
}

void Evaluator::EvaluateBlock(std::int64_t first_row, std::int64_t rows, Inputs inputs,
                              Outputs outputs, Piece& piece, NetworkActivity& activity) const {
  for (std::size_t index = 0; index < network_->layers().size(); ++index) {
    const Layer& layer = network_->layers()[index];
    FindSources(index, first_row, inputs, piece);
    if (layer.combination() == Combination::kDense) {
      EvaluateDense(index, rows, piece, activity);
    } else {
      EvaluateOther(index, rows, piece, activity);
    }
    CopyOutputs(index, first_row, rows, outputs, piece);
  }
}

void Evaluator::CopyOutputs(std::size_t layer, std::int64_t first_row, std::int64_t rows,
                            Outputs outputs, const Piece& piece) const {
  const float* z = piece.buffers[memory_.layers[layer].z].data();
  const float* a = piece.buffers[memory_.layers[layer].a].data();
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const NetworkOutput& output = network_->outputs()[k];
    if (output.layer != static_cast<std::int64_t>(layer)) continue;
    const std::int64_t values = network_->layers()[layer].WidthAt(output.tap);
    std::copy_n(output.tap == Tap::kPreActivation ? z : a, rows * values,
                outputs[k] + first_row * values);
  }
}

void Evaluator::FindSources(std::size_t layer, std::int64_t first_row, Inputs inputs,
                            Piece& piece) const {
  piece.sources.clear();
  for (const Source& source : network_->layers()[layer].sources) {
    RowsView view;
    view.width = source.width;
    if (source.is_input()) {
      const auto input = static_cast<std::size_t>(source.input());
      view.stride = network_->inputs()[input].width();
      view.data = inputs[input] + first_row * view.stride + source.first;
    } else {
      const auto read = static_cast<std::size_t>(source.layer);
      const LayerBuffers& made = memory_.layers[read];
      view.stride = network_->layers()[read].WidthAt(source.tap);
      view.data =
          piece.buffers[source.tap == Tap::kPreActivation ? made.z : made.a].data() + source.first;
    }
    piece.sources.push_back(view);
  }
}

void Evaluator::EvaluateDense(std::size_t layer, std::int64_t rows, Piece& piece,
                              NetworkActivity& activity) const {
  EvaluateParts(layer, DenseSource(layer, rows, piece), rows, piece, activity);
  if (network_->layers()[layer].has_activity()) {
    activity[layer].rows += rows;
  } else {
    Activate(layer, rows, piece, activity);
  }
}

// A dense layer's sources, in one array.
RowsView Evaluator::DenseSource(std::size_t layer, std::int64_t rows, Piece& piece) const {
  const LayerBuffers& buffers = memory_.layers[layer];
  if (!buffers.gathers) return piece.sources.front();
  float* gathered = piece.buffers[buffers.gathered].data();
  Gather(piece.sources, rows, gathered);
  return {gathered, network_->layers()[layer].inputs, network_->layers()[layer].inputs};
}

// Evaluates a layer's units, split over several threads if it is large enough.
void Evaluator::EvaluateParts(std::size_t layer, const RowsView& x, std::int64_t rows, Piece& piece,
                              NetworkActivity& activity) const {
  const DenseLayer& dense = *dense_layers_[layer];
  const LayerBuffers& buffers = memory_.layers[layer];
  float* z = piece.buffers[buffers.z].data();
  float* a = piece.buffers[buffers.a].data();
  const bool fused = network_->layers()[layer].has_activity();
  const auto evaluate = [&](PanelRange panels, Piece& part, NetworkActivity& counted) {
    if (fused) {
      dense.Evaluate(x.data, x.stride, rows, panels, part.scratch.data(),
                     reads_z_[layer] && a != z ? z : nullptr, a, &counted[layer]);
    } else {
      dense.PreActivations(x.data, x.stride, rows, panels, part.scratch.data(), z);
    }
  };
  const std::int64_t units = network_->layers()[layer].units;
  const auto parts = static_cast<std::int64_t>(piece.helpers.size());
  if (parts <= 1 || rows * network_->layers()[layer].inputs * units < kSplitMultiplyAdds) {
    return evaluate(dense.AllPanels(), piece, activity);
  }
  ForEachPiece(parts, [&](std::int64_t index) {
    Piece& helper = piece.helpers[static_cast<std::size_t>(index)];
    helper.activity[layer].Reset(units);
    evaluate(dense.PartOfPanels(index, parts), helper, helper.activity);
  });
  // Merging in order makes the sums independent of which thread finished first.
  for (Piece& helper : piece.helpers) {
    helper.activity[layer].Settle();
    activity[layer].Merge(helper.activity[layer]);
  }
}

void Evaluator::EvaluateOther(std::size_t layer, std::int64_t rows, Piece& piece,
                              NetworkActivity& activity) const {
  Combine(network_->layers()[layer], piece.sources, rows,
          piece.buffers[memory_.layers[layer].z].data());
  Activate(layer, rows, piece, activity);
}

void Evaluator::Activate(std::size_t layer, std::int64_t rows, Piece& piece,
                         NetworkActivity& activity) const {
  const Layer& network_layer = network_->layers()[layer];
  const float* z = piece.buffers[memory_.layers[layer].z].data();
  float* a = piece.buffers[memory_.layers[layer].a].data();
  const bool counted = network_layer.has_activity();
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* row_z = z + row * network_layer.units;
    float* row_a = a + row * network_layer.outputs();
    if (row_a != row_z) {
      kernels_[layer]->values(row_z, network_layer.activation.parameters.data(),
                              unit_alphas_[layer].data(), network_layer.units, row_a);
    }
    if (counted) Count(layer, row_z, row_a, piece.slopes.data(), activity[layer]);
  }
}

void Evaluator::Count(std::size_t layer, const float* z, const float* a, float* slopes,
                      LayerActivity& activity) const {
  const std::int64_t units = network_->layers()[layer].units;
  const float* lower = saturation_bounds_[layer].lower.data();
  const float* upper = saturation_bounds_[layer].upper.data();
  std::int64_t* unit_lower = activity.unit_lower_tail.data();
  std::int64_t* unit_upper = activity.unit_upper_tail.data();
  for (std::int64_t unit = 0; unit < units; ++unit) {
    unit_lower[unit] += z[unit] <= lower[unit] ? 1 : 0;
    unit_upper[unit] += z[unit] >= upper[unit] ? 1 : 0;
  }
  kernels_[layer]->slopes(z, a, network_->layers()[layer].activation.parameters.data(),
                          unit_alphas_[layer].data(), units, slopes);
  ++activity.rows;

  const float sum_of_squares = Eigen::Map<const Eigen::ArrayXf>(a, units).square().sum();
  if (std::isfinite(sum_of_squares)) {
    std::int64_t* unit_negative = activity.unit_negative.data();
    double* unit_values = activity.unit_values.data();
    double* unit_slopes = activity.unit_slopes.data();
    for (std::int64_t unit = 0; unit < units; ++unit) {
      unit_negative[unit] += a[unit] < 0.0F ? 1 : 0;
      unit_values[unit] += a[unit];
      unit_slopes[unit] += slopes[unit];
    }
    activity.sum_of_squares += sum_of_squares;
    return;
  }
  // Rare: a value that is not finite, or squares that overflow.
  for (std::int64_t unit = 0; unit < units; ++unit) {
    activity.AddActivation(unit, a[unit], slopes[unit]);
  }
}

}  // namespace mlp
