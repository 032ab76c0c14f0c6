// A tile of pre-activations from a dense layer's product, and the sums counted while it is
// activated.

#ifndef MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_
#define MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_

#include <cstdint>

namespace mlp {

// The most units of a tile on any instruction set.
inline constexpr int kMaxPanelUnits = 32;

struct ActivationTile {
  const float* z;  // [rows, units] without gaps, aligned to 64 bytes
  int rows;
  int units;  // a whole number of packets, at most kMaxPanelUnits units

  // One for each unit.
  const float* lower;       // z <= lower is in the lower tail; NaN if there is none
  const float* upper;       // z >= upper is in the upper tail; NaN if there is none
  const float* unit_alpha;  // read only for PReLU

  const float* parameters;  // the activation's, in the registry's order
  float* a;                 // rows of `units` values, a_stride apart
  std::int64_t a_stride;

  bool is_first;      // first tile added to these units of a TileSums: clears them
  int first_of_sums;  // its first unit in the TileSums, a multiple of the packet size
};

// Sums over the rows of tiles, for each unit. The first tile clears them.
struct alignas(64) TileSums {
  std::int32_t lower_tail[kMaxPanelUnits];  // rows in the lower tail
  std::int32_t upper_tail[kMaxPanelUnits];
  std::int32_t negative[kMaxPanelUnits];  // rows with a < 0; zeros if a is never negative
  float values[kMaxPanelUnits];           // of a = f(z)
  float squares[kMaxPanelUnits];          // of a * a, at most kGreatestSquares
  float slopes[kMaxPanelUnits];           // of |f'(z)|
};

// Far below a float's overflow. Units with a greater sum of squares are not added to a TileSums.
inline constexpr float kGreatestSquares = 1e36F;

}  // namespace mlp

#endif  // MLP_MODEL_ACTIVATIONS_KERNELS_ACTIVATION_TILE_H_
