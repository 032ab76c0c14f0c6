// A dense layer's weights in the order in which the kernels read them. Internal to model/evaluator.
//
// A panel holds the weights of consecutive units: two packets of units, or one packet if the panel
// is narrow. The weights of the first input come first, for all units of the panel; then those of
// the second input, and so on. In this sequence of packets, 1 (float), 2 (bfloat16) or 4 (int8)
// consecutive packets share one packet of 32-bit words; the first of them has the lowest bits of
// each word. The parts of a word thus belong to neighbouring packets, not to neighbouring units,
// and a kernel separates them with shifts alone. Zeros pad the last unit and the last input.

#ifndef MLP_MODEL_EVALUATOR_PACKED_WEIGHTS_H_
#define MLP_MODEL_EVALUATOR_PACKED_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "model/evaluator/aligned_memory.h"
#include "model/network.h"
#include "model/weight_storage.h"

namespace mlp {

// Immutable.
class PackedWeights final {
 public:
  // Packs the weights of `layer` into panels of `panel_units` units, which are two packets.
  PackedWeights(const Layer& layer, int panel_units, WeightStorage storage);

  WeightStorage storage() const { return storage_; }
  std::int64_t panels() const { return panels_; }

  // Number of units in a panel, and the number with padding: panel_units, or half of that if it is
  // enough.
  int UnitsOf(std::int64_t panel) const;
  int PaddedUnitsOf(std::int64_t panel) const;
  // The sum over all panels.
  std::int64_t padded_units() const;

  // The size of the memory.
  std::int64_t bytes() const { return BytesOf(words_) + BytesOf(scales_); }

  // The words of a panel, and of the panels after it; aligned to a cache line.
  const std::uint32_t* Panel(std::int64_t panel) const {
    return words_.get() + panel * words_of_panel_;
  }

  // The factors for the sums of a panel's units: s 2^-24, because the kernels use q 2^24 in place
  // of the integer q. Null unless the storage is int8.
  const float* ScalesOf(std::int64_t panel) const {
    return scales_ == nullptr ? nullptr : scales_.get() + panel * panel_units_;
  }

 private:
  void Pack(const Layer& layer, std::int64_t panel);

  WeightStorage storage_;
  int panel_units_;
  std::int64_t units_;
  std::int64_t panels_;
  std::int64_t words_of_panel_;  // of a panel that is not narrow
  AlignedArray<std::uint32_t> words_;
  AlignedArray<float> scales_;  // [padded units]
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_PACKED_WEIGHTS_H_
