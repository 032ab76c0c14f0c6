// Which values of a network's inputs name entries of tables, so that a request with others is
// refused before it is evaluated.

#ifndef MLP_MODEL_INPUT_RANGES_H_
#define MLP_MODEL_INPUT_RANGES_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// The values that are taken for the unit `unit` of input `input`.
struct InputRange {
  std::int64_t input = 0;  // index into Network::inputs()
  std::int64_t unit = 0;
  // From `lowest` to `highest`, once what is behind the point is cut off.
  double lowest = 0.0;
  double highest = 0.0;
  // Where it is not null, only these, which ascend; positions in the vocabulary for strings. Owned
  // by the network.
  const std::vector<float>* keys = nullptr;
  bool truncates = true;  // whether what is behind the point is cut off

  bool Contains(float value) const;
};

// One for each unit that a lookup without a value for others reads, directly or through layers that
// only join, select and make integers of values: for each unit the narrowest of its lookups by
// position, and one for each of its lookups by key. In the order of inputs and units.
std::vector<InputRange> InputRanges(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_INPUT_RANGES_H_
