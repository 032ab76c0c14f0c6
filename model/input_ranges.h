// Which values of a network's inputs name entries of tables, so that a request with others is
// refused before it is evaluated.

#ifndef MLP_MODEL_INPUT_RANGES_H_
#define MLP_MODEL_INPUT_RANGES_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// The values from `lowest` to `highest` are taken for the unit `unit` of input `input`.
struct InputRange {
  std::int64_t input = 0;  // index into Network::inputs()
  std::int64_t unit = 0;
  double lowest = 0.0;
  double highest = 0.0;
};

// One for each unit that a lookup by position reads, directly or through layers that only join and
// select, in the order of inputs and units. The narrowest where several tables read one unit.
std::vector<InputRange> InputRanges(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_INPUT_RANGES_H_
