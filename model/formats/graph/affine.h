// Scales and shifts, as files write them before, between and behind layers.

#ifndef MLP_MODEL_FORMATS_GRAPH_AFFINE_H_
#define MLP_MODEL_FORMATS_GRAPH_AFFINE_H_

#include <cstdint>
#include <vector>

#include "model/formats/graph/row_graph.h"

namespace mlp {

// x * scale + shift, each with one value for all units or one for each. In double, so that what
// follows one another in a file can be put together without loss.
struct ScaleAndShift {
  std::vector<double> scale = {1.0};
  std::vector<double> shift = {0.0};

  double ScaleOf(std::int64_t unit) const { return scale[scale.size() == 1 ? 0 : Index(unit)]; }
  double ShiftOf(std::int64_t unit) const { return shift[shift.size() == 1 ? 0 : Index(unit)]; }

 private:
  static std::size_t Index(std::int64_t unit) { return static_cast<std::size_t>(unit); }
};

// The operand that `node` is a scale or a shift of by constants; -1 where it is none.
RowNodeId ScaledOperand(const RowGraph& graph, RowNodeId node);

// Where `node` is a scale or a shift of one operand by constants, puts it in front of `affine` and
// returns the operand; else returns -1.
RowNodeId Prepend(const RowGraph& graph, RowNodeId node, ScaleAndShift& affine);

// Multiplies the weights of a dense layer so that it takes x where it took x * scale + shift.
void FoldBefore(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias);

// Multiplies them so that the layer gives z * scale + shift where it gave z.
void FoldBehind(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias);

// Whether FoldBefore keeps the precision: a shift that is many times the spread of the values, as
// from inputs far from zero, would leave few of the bits of the sum.
bool IsMild(const ScaleAndShift& affine);

// A layer of its own: z = (x - center) * scale + shift.
Layer LayerOf(const ScaleAndShift& affine, std::int64_t units);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_AFFINE_H_
