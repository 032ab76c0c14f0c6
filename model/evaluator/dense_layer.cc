#include "model/evaluator/dense_layer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mlp {
namespace {

constexpr std::align_val_t kCacheLine{64};
constexpr int kTileFloats = kMostTileRows * kMostPanelUnits;

}  // namespace

// Some neighbouring panels' tiles, [panels, rows, panel units].
struct DenseLayer::Tile {
  std::int64_t panel = 0;  // the first of them
  int panels = 0;
  int rows = 0;
  alignas(64) float z[kTileFloats];
  alignas(64) float a[kTileFloats];
  alignas(64) float slopes[kTileFloats];
};

void DenseLayer::FreeAligned::operator()(float* data) const {
  ::operator delete[](data, kCacheLine);
}

DenseLayer::AlignedFloats DenseLayer::Filled(std::int64_t count, float value) {
  const auto size = static_cast<std::size_t>(count);
  AlignedFloats floats(new (kCacheLine) float[size]);
  std::fill_n(floats.get(), size, value);
  return floats;
}

DenseLayer::DenseLayer(const Layer& layer, const SaturationBounds& bounds,
                       InstructionSet instruction_set)
    : kernel_(&DenseKernelOf(instruction_set)),
      activation_(&KernelOf(layer.activation.kind, instruction_set)),
      parameters_(layer.activation.parameters),
      identity_(layer.activation.kind == ActivationKind::kIdentity),
      inputs_(layer.inputs),
      units_(layer.units),
      panels_((layer.units + kernel_->panel_units - 1) / kernel_->panel_units) {
  const std::int64_t panel_units = kernel_->panel_units;
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  weights_ = Filled(panels_ * inputs_ * panel_units, 0.0F);
  bias_ = Filled(panels_ * panel_units, 0.0F);
  lower_bounds_ = Filled(panels_ * panel_units, kNone);
  upper_bounds_ = Filled(panels_ * panel_units, kNone);

  for (std::int64_t panel = 0; panel < panels_; ++panel) {
    for (std::int64_t input = 0; input < inputs_; ++input) {
      std::copy_n(layer.weights.data() + input * units_ + panel * panel_units, UnitsOf(panel),
                  weights_.get() + (panel * inputs_ + input) * panel_units);
    }
  }
  std::copy(layer.bias.begin(), layer.bias.end(), bias_.get());
  std::copy(bounds.lower.begin(), bounds.lower.end(), lower_bounds_.get());
  std::copy(bounds.upper.begin(), bounds.upper.end(), upper_bounds_.get());
  const std::vector<float>& alpha = layer.activation.unit_alpha;
  if (alpha.empty()) return;
  alphas_ = Filled(panels_ * panel_units, 0.0F);
  if (alpha.size() == 1) {
    std::fill_n(alphas_.get(), units_, alpha.front());
  } else {
    std::copy(alpha.begin(), alpha.end(), alphas_.get());
  }
}

std::int64_t DenseLayer::bytes() const {
  const std::int64_t a_unit = inputs_ + 3 + (alphas_ != nullptr ? 1 : 0);
  return panels_ * kernel_->panel_units * a_unit * static_cast<std::int64_t>(sizeof(float));
}

int DenseLayer::UnitsOf(std::int64_t panel) const {
  return static_cast<int>(
      std::min<std::int64_t>(kernel_->panel_units, units_ - panel * kernel_->panel_units));
}

// Panel by panel, so that a panel's weights stay in the second-level cache for all rows.
template <typename Take, typename Finish>
void DenseLayer::ForEachTile(const float* x, std::int64_t x_stride, std::int64_t rows,
                             const Take& take, const Finish& finish) const {
  if (rows == 0) return;
  // Of about the same height, so that none is too low to keep the multiply-adders busy.
  const std::int64_t blocks = (rows + kernel_->tile_rows - 1) / kernel_->tile_rows;
  const int best_together = blocks == 1 ? kernel_->panels_together[rows - 1] : 1;
  Tile tile;
  for (tile.panel = 0; tile.panel < panels_; tile.panel += tile.panels) {
    tile.panels = tile.panel + best_together <= panels_ ? best_together : 1;
    TileSums sums[kMostPanelsTogether];
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t first_row = rows * block / blocks;
      tile.rows = static_cast<int>(rows * (block + 1) / blocks - first_row);
      kernel_->multiply(x + first_row * x_stride, x_stride, tile.rows,
                        weights_.get() + tile.panel * inputs_ * kernel_->panel_units,
                        bias_.get() + tile.panel * kernel_->panel_units, tile.panels, inputs_,
                        tile.z);
      take(tile, first_row, sums);
    }
    for (int index = 0; index < tile.panels; ++index) finish(tile.panel + index, sums[index]);
  }
}

void DenseLayer::PreActivations(const float* x, std::int64_t x_stride, std::int64_t rows,
                                float* z) const {
  ForEachTile(
      x, x_stride, rows,
      [&](Tile& tile, std::int64_t first_row, TileSums* /*sums*/) {
        for (int index = 0; index < tile.panels; ++index) {
          const int offset = index * tile.rows * kernel_->panel_units;
          Store(tile.z + offset, tile.panel + index, first_row, tile.rows, z);
        }
      },
      [](std::int64_t /*panel*/, const TileSums& /*sums*/) {});
}

void DenseLayer::Evaluate(const float* x, std::int64_t x_stride, std::int64_t rows, float* z,
                          float* a, LayerActivity* activity) const {
  ForEachTile(
      x, x_stride, rows,
      [&](Tile& tile, std::int64_t first_row, TileSums* sums) {
        Activate(tile, activity != nullptr);
        for (int index = 0; index < tile.panels; ++index) {
          const std::int64_t panel = tile.panel + index;
          const int offset = index * tile.rows * kernel_->panel_units;
          if (z != nullptr) Store(tile.z + offset, panel, first_row, tile.rows, z);
          Store(tile.a + offset, panel, first_row, tile.rows, a);
          if (activity == nullptr) continue;
          const bool left_out =
              kernel_->count(tile.z + offset, tile.a + offset, tile.slopes + offset, tile.rows,
                             lower_bounds_.get() + panel * kernel_->panel_units,
                             upper_bounds_.get() + panel * kernel_->panel_units, sums[index]);
          if (left_out) CountLeftOut(tile, index, *activity);
        }
      },
      [&](std::int64_t panel, const TileSums& sums) {
        if (activity != nullptr) AddSums(panel, sums, *activity);
      });
  if (activity != nullptr) activity->rows += rows;
}

void DenseLayer::Activate(Tile& tile, bool with_slopes) const {
  const int panel_units = kernel_->panel_units;
  // PReLU's slopes are those of one panel's units, so its rows go one by one.
  const int row_count = tile.panels * tile.rows;
  const int steps = alphas_ != nullptr ? row_count : 1;
  const int count = row_count * panel_units / steps;
  for (int step = 0; step < steps; ++step) {
    const int offset = step * count;
    const std::int64_t panel = tile.panel + step / tile.rows;
    const float* unit_alpha = alphas_ != nullptr ? alphas_.get() + panel * panel_units : nullptr;
    if (identity_) {
      std::copy_n(tile.z + offset, count, tile.a + offset);
    } else {
      activation_->values(tile.z + offset, parameters_.data(), unit_alpha, count, tile.a + offset);
    }
    if (with_slopes) {
      activation_->slopes(tile.z + offset, tile.a + offset, parameters_.data(), unit_alpha, count,
                          tile.slopes + offset);
    }
  }
}

// Seldom: activations that are not finite, or whose squares a float cannot sum.
void DenseLayer::CountLeftOut(const Tile& tile, int index, LayerActivity& activity) const {
  const int panel_units = kernel_->panel_units;
  const int units = UnitsOf(tile.panel + index);
  for (int row = 0; row < tile.rows; ++row) {
    const int first = (index * tile.rows + row) * panel_units;
    for (int i = first; i < first + units; ++i) {
      if (!(std::fabs(tile.a[i]) <= kGreatestSummed)) {
        activity.AddActivation(tile.a[i], tile.slopes[i]);
      }
    }
  }
}

void DenseLayer::AddSums(std::int64_t panel, const TileSums& sums, LayerActivity& activity) const {
  const auto first = static_cast<std::size_t>(panel * kernel_->panel_units);
  const int units = UnitsOf(panel);
  std::int64_t* lower = activity.unit_lower_tail.data() + first;
  std::int64_t* upper = activity.unit_upper_tail.data() + first;
  double sum = 0.0;
  double squares = 0.0;
  double slopes = 0.0;
  for (int unit = 0; unit < units; ++unit) {
    lower[unit] += static_cast<std::int32_t>(sums.lower_tail[unit]);
    upper[unit] += static_cast<std::int32_t>(sums.upper_tail[unit]);
    sum += sums.values[unit];
    squares += sums.squares[unit];
    slopes += sums.slopes[unit];
  }
  activity.sum += sum;
  activity.sum_of_squares += squares;
  activity.sum_of_slopes += slopes;
}

void DenseLayer::Store(const float* tile, std::int64_t panel, std::int64_t first_row, int rows,
                       float* matrix) const {
  const std::int64_t panel_units = kernel_->panel_units;
  const int units = UnitsOf(panel);
  float* to = matrix + first_row * units_ + panel * panel_units;
  for (int row = 0; row < rows; ++row) {
    std::copy_n(tile + row * panel_units, units, to + row * units_);
  }
}

}  // namespace mlp
