// Counts, for one layer, how its units behave on the rows that are evaluated.
//
// A LayerActivity belongs to one thread: the evaluator adds to it without synchronisation, and
// Merge adds it to totals that other threads read. Sums over a few rows stay unsettled until
// Settle: adding up a layer's units takes as long as evaluating one row. Definitions of every
// quantity: docs/reference/saturation.md.

#ifndef MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_
#define MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_

#include <cstdint>
#include <vector>

#include "model/activations/kernels/activation_tile.h"
#include "model/network.h"

namespace mlp {

// Sums over the rows seen since the last Reset(), for a layer whose activation is element-wise.
// Activations that are NaN or infinite are left out of the sums of a and of |f'(z)|, and counted in
// `non_finite`.
struct LayerActivity {
  std::int64_t rows = 0;
  std::int64_t non_finite = 0;  // activations, over all rows and units
  double sum_of_squares = 0.0;  // of a, over all rows and units

  // One entry for each unit, as in the vectors below. Rows on which the unit was in the lower
  // (upper) tail: a unit is dead over a window if either equals the window's rows.
  std::vector<std::int64_t> unit_lower_tail;
  std::vector<std::int64_t> unit_upper_tail;
  std::vector<std::int64_t> unit_negative;    // rows with a < 0
  std::vector<std::int64_t> unit_non_finite;  // rows with an a that is NaN or infinite
  std::vector<double> unit_values;            // sums of a
  std::vector<double> unit_slopes;            // sums of |f'(z)|

  // Counts not yet added to the sums and tails above, for `unsettled_rows` rows. `rows` and
  // `non_finite` already include these rows. Each entry covers kMaxPanelUnits units, the last one
  // with padding; the values are undefined while `unsettled_rows` is 0.
  std::vector<TileSums> unsettled;
  std::int64_t unsettled_rows = 0;

  // Bytes of one unit's counts above, without the unsettled ones.
  static constexpr std::int64_t kUnitBytes = 4 * sizeof(std::int64_t) + 2 * sizeof(double);

  // Makes room for `units` units and sets every count to zero. Allocates only when `units` grows.
  void Reset(std::int64_t units);

  // Adds the unsettled counts to the sums and tails. Call it before reading those.
  void Settle();

  // Adds one activation of `unit` and its slope to the sums, or counts it as not finite. Leaving
  // out values that are not finite keeps the window's means usable. Does not change `rows` and the
  // tails.
  void AddActivation(std::int64_t unit, float a, float slope);

  // Adds the counts of `other`, which must be settled and have as many units.
  void Merge(const LayerActivity& other);

  // Activations in the lower (upper) tail, over all rows and units.
  std::int64_t LowerTail() const;
  std::int64_t UpperTail() const;

  // Sums of a and of |f'(z)|, over all rows and units.
  double Sum() const;
  double SumOfSlopes() const;

  // Units that were in the same tail on every row. 0 if there were no rows.
  std::int64_t DeadUnits() const;

  // Units whose output never changed its sign: on all rows where it was finite it was below zero,
  // or on none. 0 if there were no rows.
  std::int64_t OneSignedUnits() const;
};

// One entry for each layer of a network. The entries of layers whose activation is not
// element-wise stay at zero.
using NetworkActivity = std::vector<LayerActivity>;

// All counts at zero, sized for the units of `network`.
NetworkActivity MakeNetworkActivity(const Network& network);

// Sets every count of `activity` to zero and keeps its memory.
void ResetNetworkActivity(NetworkActivity& activity);

// Settles every layer's counts.
void SettleNetworkActivity(NetworkActivity& activity);

// Adds `from` to `into`. REQUIRES: both are of the same network, and `from` is settled.
void MergeNetworkActivity(const NetworkActivity& from, NetworkActivity& into);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_
