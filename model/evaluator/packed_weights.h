// A dense layer's weights in the order in which the kernels read them. Internal to model/evaluator.
//
// A panel holds the weights of some neighbouring units, its width in packets being 2, or 1 for a
// narrow one: all units' weights of the first input, then of the second, and so on. Of this row of
// packets, 1 (float), 2 (bfloat16) or 4 (int8) following ones share one packet of 32-bit words: the
// first has the lowest bits of each word. So a word's parts belong to neighbouring packets, not to
// neighbouring units, and a kernel takes a packet apart with shifts alone. Zeros are behind the
// last unit and behind the last input.

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
  // Packs the weights of `layer`, for panels of `panel_units` units, which are two packets.
  PackedWeights(const Layer& layer, int panel_units, WeightStorage storage);

  WeightStorage storage() const { return storage_; }
  std::int64_t panels() const { return panels_; }

  // Units that a panel has, and those with the zeros behind them: panel_units or, where half of
  // them suffice, that half.
  int UnitsOf(std::int64_t panel) const;
  int PaddedUnitsOf(std::int64_t panel) const;
  // Of all panels.
  std::int64_t padded_units() const;

  // What they take.
  std::int64_t bytes() const { return BytesOf(words_) + BytesOf(scales_); }

  // The words of a panel, aligned to a cache line, as those behind it are.
  const std::uint32_t* Panel(std::int64_t panel) const {
    return words_.get() + panel * words_of_panel_;
  }

  // What the sums of a panel's units are multiplied with: s 2^-24, for the kernels take a whole q
  // for q 2^24. Null unless the storage is int8.
  const float* ScalesOf(std::int64_t panel) const {
    return scales_ == nullptr ? nullptr : scales_.get() + panel * panel_units_;
  }

 private:
  void Pack(const Layer& layer, std::int64_t panel);

  WeightStorage storage_;
  int panel_units_;
  std::int64_t units_;
  std::int64_t panels_;
  std::int64_t words_of_panel_;  // of one that is not narrow
  AlignedArray<std::uint32_t> words_;
  AlignedArray<float> scales_;  // [padded units]
};

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_PACKED_WEIGHTS_H_
