#include "model/evaluator/packed_weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace mlp {
namespace {

constexpr int kWordBits = 32;

// Number of weights that share a word.
int PartsOf(WeightStorage storage) {
  switch (storage) {
    case WeightStorage::kBfloat16:
      return 2;
    case WeightStorage::kInt8:
      return 4;
    default:
      return 1;
  }
}

std::uint32_t BitsOfBfloat16(float weight) {
  const auto bits = std::bit_cast<std::uint32_t>(weight);
  if (std::isnan(weight))
    return bits >> 16U | 0x40U;  // sets the quiet bit: the upper half's
                                 // mantissa may be 0
  return (bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U;
}

std::uint32_t BitsOfInt8(float weight, float scale) {
  // If the scale underflows to 0 or is not finite, the quotient is meaningless.
  if (scale == 0.0F || !std::isfinite(scale)) return 0;
  const float quotient = std::clamp(std::nearbyint(weight / scale), -127.0F, 127.0F);
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(quotient)) & 0xFFU;
}

// max |w| / 127 of a unit; NaN if one of its weights is not finite.
float ScaleOf(const Layer& layer, std::int64_t unit) {
  float greatest = 0.0F;
  for (std::int64_t input = 0; input < layer.inputs; ++input) {
    const float weight =
        layer.dense().weights[static_cast<std::size_t>(input * layer.units + unit)];
    if (!std::isfinite(weight)) return std::nanf("");
    greatest = std::max(greatest, std::fabs(weight));
  }
  return greatest / 127.0F;
}

}  // namespace

PackedWeights::PackedWeights(const Layer& layer, int panel_units, WeightStorage storage)
    : storage_(storage),
      panel_units_(panel_units),
      units_(layer.units),
      panels_((layer.units + panel_units - 1) / panel_units) {
  // Number of words in a panel of `packets` packets; the last packet of words may be partly used.
  const int parts = PartsOf(storage);
  const int packet_units = panel_units / 2;
  const auto words_of = [&](int packets) {
    return (layer.inputs * packets + parts - 1) / parts * packet_units;
  };
  words_of_panel_ = words_of(2);
  words_ = MakeAligned<std::uint32_t>((panels_ - 1) * words_of_panel_ +
                                      words_of(PaddedUnitsOf(panels_ - 1) / packet_units));
  if (storage == WeightStorage::kInt8) {
    scales_ = MakeAligned<float>(padded_units());
    for (std::int64_t unit = 0; unit < units_; ++unit)
      scales_[static_cast<std::size_t>(unit)] = ScaleOf(layer, unit);
  }
  for (std::int64_t panel = 0; panel < panels_; ++panel) Pack(layer, panel);
  for (std::int64_t unit = 0; scales_ != nullptr && unit < units_; ++unit) {
    scales_[static_cast<std::size_t>(unit)] *= 0x1p-24F;
  }
}

int PackedWeights::UnitsOf(std::int64_t panel) const {
  return static_cast<int>(std::min<std::int64_t>(panel_units_, units_ - panel * panel_units_));
}

int PackedWeights::PaddedUnitsOf(std::int64_t panel) const {
  const int narrow = panel_units_ / 2;
  return UnitsOf(panel) <= narrow ? narrow : panel_units_;
}

std::int64_t PackedWeights::padded_units() const {
  return (panels_ - 1) * panel_units_ + PaddedUnitsOf(panels_ - 1);
}

void PackedWeights::Pack(const Layer& layer, std::int64_t panel) {
  const int parts = PartsOf(storage_);
  const int packet_units = panel_units_ / 2;
  const std::int64_t packets = PaddedUnitsOf(panel) / packet_units;
  std::uint32_t* words = words_.get() + panel * words_of_panel_;
  const int units = UnitsOf(panel);
  for (std::int64_t input = 0; input < layer.inputs; ++input) {
    const float* weights = layer.dense().weights.data() + input * units_ + panel * panel_units_;
    if (storage_ == WeightStorage::kFloat32) {
      std::memcpy(words + input * packets * packet_units, weights,
                  static_cast<std::size_t>(units) * sizeof(float));
      continue;
    }
    for (int k = 0; k < units; ++k) {
      const std::int64_t unit = panel * panel_units_ + k;
      const std::uint32_t bits =
          storage_ == WeightStorage::kInt8
              ? BitsOfInt8(weights[k], scales_[static_cast<std::size_t>(unit)])
              : BitsOfBfloat16(weights[k]);
      const std::int64_t packet = input * packets + k / packet_units;
      const auto shift = static_cast<unsigned>(packet % parts * (kWordBits / parts));
      words[packet / parts * packet_units + k % packet_units] |= bits << shift;
    }
  }
}

}  // namespace mlp
