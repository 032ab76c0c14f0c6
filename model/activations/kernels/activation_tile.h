// A tile of pre-activations, as a dense layer's product makes it, and what is counted of it while
// it is activated.

#ifndef MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_
#define MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_

#include <cstdint>

namespace mlp {

// The most units that a tile has on any instruction set.
inline constexpr int kMostPanelUnits = 32;

struct ActivationTile {
  const float* z;  // [rows, units] without gaps, aligned to 64 bytes
  int rows;
  int units;  // some packets of the instruction set, up to kMostPanelUnits

  // One for each unit.
  const float* lower;       // in the lower tail where z <= lower; NaN where there is none
  const float* upper;       // in the upper tail where z >= upper; likewise
  const float* unit_alpha;  // read for PReLU alone

  const float* parameters;  // the activation's, in the registry's order
  float* a;                 // rows of `units` values, a_stride apart
  std::int64_t a_stride;

  bool is_first;      // of those that are added to some units of a TileSums, which it clears
  int first_of_sums;  // the first of these, a whole number of packets
};

// Sums over the rows of tiles, for each unit. The first tile clears it.
struct alignas(64) TileSums {
  std::int32_t lower_tail[kMostPanelUnits];  // rows in the lower tail
  std::int32_t upper_tail[kMostPanelUnits];
  std::int32_t negative[kMostPanelUnits];  // rows with a < 0; zeros where a never is
  float values[kMostPanelUnits];           // of a = f(z)
  float squares[kMostPanelUnits];          // of a * a, at most kGreatestSquares
  float slopes[kMostPanelUnits];           // of |f'(z)|
};

// Far from where a float overflows. Beyond it, activations are not added to a TileSums.
inline constexpr float kGreatestSquares = 1e36F;

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_
