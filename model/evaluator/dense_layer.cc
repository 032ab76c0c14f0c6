#include "model/evaluator/dense_layer.h"

#include <algorithm>
#include <limits>

namespace mlp {
namespace {

// A tile with many rows has one panel; a tile with few rows has several.
constexpr int kTileFloats = kMaxTileRows * kMaxPanelUnits;

// Limits above which Spread copies rows. A first-level cache has 64 sets of 64-byte lines, and 8 or
// 12 ways, of which the weights take one or two. With a stride that is a multiple of 4 KiB, all
// rows start in the same set; with half of that, in two sets. Copying the rows costs about as much
// as evaluating a panel.
constexpr std::int64_t kCrowdedStride = 512;
constexpr std::int64_t kSpreadRows = 6;
constexpr std::int64_t kSpreadPanels = 8;

// Larger weights are assumed to be in main memory: the third-level cache is shared with other
// programs and threads.
constexpr std::int64_t kFarBytes = std::int64_t{8} << 20;

// Sums in float over more rows than this would lose digits.
constexpr std::int64_t kMaxUnsettledRows = 64;

// Batches of up to kFewRows rows leave their sums unsettled. At least four batches thus share one
// Settle, which takes as long as evaluating a row.
constexpr std::int64_t kFewRows = kMaxUnsettledRows / 4;

// An odd number of cache lines.
std::int64_t SpreadStride(std::int64_t inputs) { return (inputs + 31) / 32 * 32 + 16; }

double SumOf(const double (&parts)[kTotalParts]) {
  double sum = 0.0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace

// The tiles of consecutive panels, [panels, rows, units of the panel].
struct DenseLayer::Tile {
  std::int64_t panel = 0;  // the first panel
  int panels = 0;
  int padded_units = 0;  // of each panel, including the padding after the last unit
  int rows = 0;
  alignas(64) float z[kTileFloats];
  alignas(64) float a[kTileFloats];
};

DenseLayer::DenseLayer(const Layer& layer, const SaturationBounds& bounds,
                       InstructionSet instruction_set, WeightStorage storage)
    : kernel_(&DenseKernelOf(instruction_set)),
      activation_(&KernelOf(layer.activation.kind, instruction_set)),
      parameters_(layer.activation.parameters),
      inputs_(layer.inputs),
      units_(layer.units),
      weights_(layer, kernel_->panel_units, storage) {
  const std::int64_t padded_units = weights_.padded_units();
  const auto padded = [&](const std::vector<float>& values, float padding) {
    AlignedArray<float> array = MakeAligned<float>(padded_units);
    std::fill(std::copy(values.begin(), values.end(), array.get()), array.get() + padded_units,
              padding);
    return array;
  };
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  bias_ = padded(layer.dense().bias, 0.0F);
  lower_bounds_ = padded(bounds.lower, kNone);
  upper_bounds_ = padded(bounds.upper, kNone);
  const std::vector<float>& alpha = layer.activation.unit_alpha;
  if (alpha.empty()) return;
  alphas_ = padded(alpha, alpha.size() == 1 ? alpha.front() : 0.0F);
}

std::int64_t DenseLayer::bytes() const {
  return weights_.bytes() + BytesOf(bias_) + BytesOf(alphas_) + BytesOf(lower_bounds_) +
         BytesOf(upper_bounds_);
}

// In groups of four panels, which few rows evaluate together.
PanelRange DenseLayer::PartOfPanels(std::int64_t index, std::int64_t parts) const {
  const std::int64_t fours = (weights_.panels() + 3) / 4;
  return {index * fours / parts * 4, std::min(weights_.panels(), (index + 1) * fours / parts * 4)};
}

std::int64_t DenseLayer::ScratchFloats(std::int64_t rows) const {
  const bool spreads = rows >= kSpreadRows && weights_.panels() >= kSpreadPanels;
  return spreads ? rows * SpreadStride(inputs_) : 0;
}

// Returns the rows, or a copy with another stride. It copies if the rows' stride maps the same
// input of many rows to one set of the first-level cache: the rows would evict each other.
DenseLayer::Rows DenseLayer::CopyToSpreadStride(const Rows& rows, float* scratch) const {
  if (rows.stride % kCrowdedStride != 0 || ScratchFloats(rows.count) == 0) return rows;
  const std::int64_t stride = SpreadStride(inputs_);
  for (std::int64_t row = 0; row < rows.count; ++row) {
    std::copy_n(rows.x + row * rows.stride, inputs_, scratch + row * stride);
  }
  return {scratch, stride, rows.count};
}

// Evaluates panel by panel: a panel's weights stay in the second-level cache for all rows.
template <typename Take, typename Finish>
void DenseLayer::ForEachTile(const Rows& input_rows, PanelRange range, const Take& take,
                             const Finish& finish) const {
  const std::int64_t rows = input_rows.count;
  if (rows == 0) return;
  // Blocks of about equal height: a low block would not keep the multiply-adders busy.
  const std::int64_t blocks = (rows + kernel_->tile_rows - 1) / kernel_->tile_rows;
  const std::int64_t low = rows / blocks;
  const std::int64_t higher_blocks = rows % blocks;
  const int best_together = blocks == 1 ? kernel_->panels_together[rows - 1] : 1;
  Tile tile;
  for (tile.panel = range.first; tile.panel < range.end; tile.panel += tile.panels) {
    const auto are_there = [&](int panels) {
      const std::int64_t last = tile.panel + panels - 1;
      return last < range.end && weights_.PaddedUnitsOf(last) == kernel_->panel_units;
    };
    tile.panels = are_there(best_together)            ? best_together
                  : best_together > 2 && are_there(2) ? 2
                                                      : 1;
    tile.padded_units = weights_.PaddedUnitsOf(tile.panel);
    PanelView panels = {tile.panels * tile.padded_units, weights_.Panel(tile.panel),
                        bias_.get() + tile.panel * kernel_->panel_units,
                        weights_.ScalesOf(tile.panel), blocks > 1 && weights_.bytes() > kFarBytes};
    TileSums sums[kMaxPanelsTogether];
    std::int64_t first_row = 0;
    for (std::int64_t block = 0; block < blocks; ++block) {
      tile.rows = static_cast<int>(low + (block < higher_blocks ? 1 : 0));
      kernel_->multiply[static_cast<int>(weights_.storage())](
          input_rows.x + first_row * input_rows.stride, input_rows.stride, tile.rows, panels,
          inputs_, tile.z);
      panels.is_far = false;
      take(tile, first_row, sums);
      first_row += tile.rows;
    }
    for (int index = 0; index < tile.panels; ++index) finish(tile.panel + index, sums[index]);
  }
}

void DenseLayer::PreActivations(const float* x, std::int64_t x_stride, std::int64_t rows,
                                PanelRange panels, float* scratch, float* z) const {
  ForEachTile(
      CopyToSpreadStride({x, x_stride, rows}, scratch), panels,
      [&](Tile& tile, std::int64_t first_row, TileSums* /*sums*/) {
        for (int index = 0; index < tile.panels; ++index) {
          Store(tile.z + std::int64_t{index} * tile.rows * tile.padded_units, tile.padded_units,
                tile.panel + index, first_row, tile.rows, z);
        }
      },
      [](std::int64_t /*panel*/, const TileSums& /*sums*/) {});
}

void DenseLayer::Evaluate(const float* x, std::int64_t x_stride, std::int64_t rows,
                          PanelRange panels, float* scratch, float* z, float* a,
                          LayerActivity* activity) const {
  if (activity != nullptr && rows <= kFewRows && panels.first == 0 &&
      panels.end == weights_.panels()) {
    return EvaluateFewRows(CopyToSpreadStride({x, x_stride, rows}, scratch), z, a, *activity);
  }
  TileTotals totals;
  ForEachTile(
      CopyToSpreadStride({x, x_stride, rows}, scratch), panels,
      [&](Tile& tile, std::int64_t first_row, TileSums* sums) {
        for (int index = 0; index < tile.panels; ++index) {
          Activate(tile, index, first_row, z, a, activity, {sums + index, 0, first_row == 0});
        }
      },
      [&](std::int64_t panel, const TileSums& sums) {
        if (activity == nullptr) return;
        const auto first = static_cast<std::size_t>(panel * kernel_->panel_units);
        const UnitTotals of_units = {
            activity->unit_lower_tail.data() + first, activity->unit_upper_tail.data() + first,
            activity->unit_negative.data() + first, activity->unit_values.data() + first,
            activity->unit_slopes.data() + first};
        kernel_->merge(sums, weights_.UnitsOf(panel), of_units, totals);
      });
  if (activity == nullptr) return;
  activity->sum_of_squares += SumOf(totals.squares);
}

// Keeps the sums unsettled: adding up each panel's sums would take as long as evaluating it.
void DenseLayer::EvaluateFewRows(const Rows& rows, float* z, float* a,
                                 LayerActivity& activity) const {
  if (activity.unsettled_rows + rows.count > kMaxUnsettledRows) activity.Settle();
  const bool is_first = activity.unsettled_rows == 0;
  ForEachTile(
      rows, AllPanels(),
      [&](Tile& tile, std::int64_t first_row, TileSums* /*sums*/) {
        for (int index = 0; index < tile.panels; ++index) {
          const std::int64_t unit = (tile.panel + index) * kernel_->panel_units;
          TileSums& sums = activity.unsettled[static_cast<std::size_t>(unit / kMaxPanelUnits)];
          Activate(tile, index, first_row, z, a, &activity,
                   {&sums, static_cast<int>(unit % kMaxPanelUnits), is_first && first_row == 0});
        }
      },
      [](std::int64_t /*panel*/, const TileSums& /*sums*/) {});
  activity.unsettled_rows += rows.count;
}

void DenseLayer::Activate(Tile& tile, int index, std::int64_t first_row, float* z, float* a,
                          LayerActivity* activity, const PanelSums& sums) const {
  const std::int64_t panel = tile.panel + index;
  const std::int64_t unit = panel * kernel_->panel_units;
  const std::int64_t offset = std::int64_t{index} * tile.rows * tile.padded_units;
  // Without padding, activations go directly into the matrix.
  const bool whole = weights_.UnitsOf(panel) == tile.padded_units;
  ActivationTile activation_tile;
  activation_tile.z = tile.z + offset;
  activation_tile.rows = tile.rows;
  activation_tile.units = tile.padded_units;
  activation_tile.lower = lower_bounds_.get() + unit;
  activation_tile.upper = upper_bounds_.get() + unit;
  activation_tile.unit_alpha = alphas_ != nullptr ? alphas_.get() + unit : nullptr;
  activation_tile.parameters = parameters_.data();
  activation_tile.a = whole ? a + first_row * units_ + unit : tile.a + offset;
  activation_tile.a_stride = whole ? units_ : tile.padded_units;
  activation_tile.is_first = sums.is_first;
  activation_tile.first_of_sums = sums.first_unit;
  if (activity == nullptr) {
    activation_->activate(activation_tile);
  } else if (const std::uint32_t left_out =
                 activation_->activate_and_count(activation_tile, *sums.sums);
             left_out != 0) {
    CountLeftOut(activation_tile, left_out, unit, weights_.UnitsOf(panel), *activity);
  }
  if (z != nullptr) Store(activation_tile.z, tile.padded_units, panel, first_row, tile.rows, z);
  if (!whole) Store(activation_tile.a, tile.padded_units, panel, first_row, tile.rows, a);
}

// Rare: activations that are not finite or whose squares overflow a float, and other units of the
// same packet.
void DenseLayer::CountLeftOut(const ActivationTile& tile, std::uint32_t left_out,
                              std::int64_t first_unit, int units, LayerActivity& activity) const {
  float slopes[kMaxPanelUnits];
  for (std::int64_t row = 0; row < tile.rows; ++row) {
    const float* a = tile.a + row * tile.a_stride;
    activation_->slopes(tile.z + row * tile.units, a, tile.parameters, tile.unit_alpha, units,
                        slopes);
    for (int unit = 0; unit < units; ++unit) {
      if ((left_out >> unit & 1U) == 0) continue;
      activity.AddActivation(first_unit + unit, a[unit], slopes[unit]);
    }
  }
}

void DenseLayer::Store(const float* tile, std::int64_t tile_stride, std::int64_t panel,
                       std::int64_t first_row, int rows, float* matrix) const {
  const int units = weights_.UnitsOf(panel);
  float* to = matrix + first_row * units_ + panel * kernel_->panel_units;
  for (int row = 0; row < rows; ++row) {
    std::copy_n(tile + row * tile_stride, units, to + row * units_);
  }
}

}  // namespace mlp
