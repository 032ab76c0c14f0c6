// Counts, for one layer, how its units behave on the rows that are evaluated.
//
// A LayerActivity belongs to one thread: the evaluator adds to it without synchronisation, and
// Merge folds it into sums that others read. What a few rows add stays in short sums for each unit,
// until Settle: adding up the units of a layer takes as long as evaluating it does at one row.
// Definitions of every quantity: docs/saturation.md.

#ifndef MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_
#define MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_

#include <cstdint>
#include <vector>

#include "model/activations/kernels/activation_tile.h"
#include "model/network.h"

namespace mlp {

// Sums over the rows seen since the last Reset(), for a layer whose activation is element-wise.
// Activations that are NaN or infinite are in no sum of a and of |f'(z)|: `non_finite` counts them.
struct LayerActivity {
  std::int64_t rows = 0;
  std::int64_t non_finite = 0;  // activations, over all rows and units
  double sum_of_squares = 0.0;  // of a, over all rows and units

  // One entry for each unit, as all the following. Rows on which it was in the lower (upper) tail:
  // a unit is dead over a window when either equals the window's rows.
  std::vector<std::int64_t> unit_lower_tail;
  std::vector<std::int64_t> unit_upper_tail;
  std::vector<std::int64_t> unit_negative;    // rows with a < 0
  std::vector<std::int64_t> unit_non_finite;  // rows with an a that is NaN or infinite
  std::vector<double> unit_values;            // sums of a
  std::vector<double> unit_slopes;            // sums of |f'(z)|

  // What is not in the sums and tails above before Settle: that of `unsettled_rows` rows, of which
  // `rows` and `non_finite` know. Each entry has kMostPanelUnits units, the last one padding too;
  // without rows they mean nothing.
  std::vector<TileSums> unsettled;
  std::int64_t unsettled_rows = 0;

  // What the counts above take for a unit, in bytes, but for the unsettled ones.
  static constexpr std::int64_t kUnitBytes = 4 * sizeof(std::int64_t) + 2 * sizeof(double);

  // Makes room for `units` units and sets every count to zero. Allocates only when `units` grows.
  void Reset(std::int64_t units);

  // Adds what is unsettled to the sums and tails. Before these are read.
  void Settle();

  // Adds one activation of `unit` with its slope to the sums, or counts it as not finite: leaving
  // those out keeps the window's means readable. `rows` and the tails are left as they are.
  void AddActivation(std::int64_t unit, float a, float slope);

  // Adds the counts of `other`, which has as many units and is settled.
  void Merge(const LayerActivity& other);

  // Activations in the lower (upper) tail, over all rows and units.
  std::int64_t LowerTail() const;
  std::int64_t UpperTail() const;

  // Of a, and of |f'(z)|, over all rows and units.
  double Sum() const;
  double SumOfSlopes() const;

  // Units that were in the same tail on every row. 0 where no row was seen.
  std::int64_t DeadUnits() const;

  // Units whose output never changed its sign: below zero on every row where it was finite, or on
  // none. 0 where no row was seen.
  std::int64_t OneSignedUnits() const;
};

// One entry for each layer of a network. The entries of layers whose activation is not
// element-wise stay at zero.
using NetworkActivity = std::vector<LayerActivity>;

// All counts at zero, with room for every unit of `network`.
NetworkActivity MakeNetworkActivity(const Network& network);

// Sets every count of `activity` to zero, keeping its memory.
void ResetNetworkActivity(NetworkActivity& activity);

// Settles every layer's counts.
void SettleNetworkActivity(NetworkActivity& activity);

// Adds `from`, which describes the same network and is settled, to `into`.
void MergeNetworkActivity(const NetworkActivity& from, NetworkActivity& into);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_LAYER_ACTIVITY_H_
