// Scales and shifts, which files have before, between and after layers.

#ifndef MLP_MODEL_FORMATS_GRAPH_AFFINE_H_
#define MLP_MODEL_FORMATS_GRAPH_AFFINE_H_

#include <cstdint>
#include <vector>

#include "model/formats/graph/row_graph.h"

namespace mlp {

// x * scale + shift, each with one value for all units or one for each. In double, so that a file's
// consecutive operations can be merged without loss.
struct ScaleAndShift {
  std::vector<double> scale = {1.0};
  std::vector<double> shift = {0.0};

  double ScaleOf(std::int64_t unit) const { return scale[scale.size() == 1 ? 0 : Index(unit)]; }
  double ShiftOf(std::int64_t unit) const { return shift[shift.size() == 1 ? 0 : Index(unit)]; }

 private:
  static std::size_t Index(std::int64_t unit) { return static_cast<std::size_t>(unit); }
};

// The operand that `node` scales or shifts by constants, or -1.
RowNodeId ScaledOperand(const RowGraph& graph, RowNodeId node);

// If `node` scales or shifts one operand by constants, puts that before `affine` and returns the
// operand; otherwise returns -1.
RowNodeId Prepend(const RowGraph& graph, RowNodeId node, ScaleAndShift& affine);

// Changes a dense layer's weights and bias so that it takes x instead of x * scale + shift.
void FoldBefore(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias);

// Changes them so that the layer gives z * scale + shift instead of z.
void FoldBehind(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias);

// Whether FoldBefore keeps the precision. A shift that is many times the spread of the values, as
// for inputs far from zero, would leave few bits of the sum.
bool IsMild(const ScaleAndShift& affine);

// A separate layer: z = (x - center) * scale + shift.
Layer LayerOf(const ScaleAndShift& affine, std::int64_t units);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_AFFINE_H_
