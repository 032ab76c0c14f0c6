// Finds the network inputs whose values select table entries. A request with a value that has no
// entry is refused before evaluation.

#ifndef MLP_MODEL_INPUT_RANGES_H_
#define MLP_MODEL_INPUT_RANGES_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// The values accepted for unit `unit` of input `input`.
struct InputRange {
  std::int64_t input = 0;  // index into Network::inputs()
  std::int64_t unit = 0;
  // The accepted range, after truncation towards zero.
  double lowest = 0.0;
  double highest = 0.0;
  // If not null, only these values are accepted, in ascending order; for strings, positions in the
  // vocabulary. Owned by the network.
  const std::vector<float>* keys = nullptr;
  bool truncates = true;  // whether the value is truncated before it is compared

  bool Contains(float value) const;
};

// Finds each input unit that a lookup without a value for unknown keys (Lookup::otherwise) reads,
// directly or through layers that only join, select and truncate values. Gives one range for all
// lookups by position of a unit, the narrowest, and one for each of its lookup tables by key.
// Ordered by input and unit.
std::vector<InputRange> InputRanges(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_INPUT_RANGES_H_
