#include "model/formats/graph/affine.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mlp {
namespace {

// A shift up to this costs the sum at most three of its 24 bits.
constexpr double kMildShift = 8.0;

template <typename Operation>
std::vector<double> UnitByUnit(const std::vector<double>& left, const std::vector<double>& right,
                               Operation operation) {
  std::vector<double> result(std::max(left.size(), right.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = operation(left[left.size() == 1 ? 0 : i], right[right.size() == 1 ? 0 : i]);
  }
  return result;
}

std::vector<double> Times(const std::vector<double>& left, const std::vector<double>& right) {
  return UnitByUnit(left, right, [](double a, double b) { return a * b; });
}

std::vector<double> Total(const std::vector<double>& left, const std::vector<double>& right) {
  return UnitByUnit(left, right, [](double a, double b) { return a + b; });
}

}  // namespace

RowNodeId ScaledOperand(const RowGraph& graph, RowNodeId id) {
  const RowNode& node = graph.At(id);
  if (node.function() == nullptr) return -1;
  const absl::string_view name = node.function()->name;
  if (name == "Neg") return node.operands[0];
  if (node.operands.size() != 2) return -1;
  const bool constant_first = graph.IsConstant(node.operands[0]);
  if (constant_first == graph.IsConstant(node.operands[1])) return -1;
  const bool scales =
      name == "Add" || name == "Sub" || name == "Mul" || (name == "Div" && !constant_first);
  return scales ? node.operands[constant_first ? 1 : 0] : -1;
}

RowNodeId Prepend(const RowGraph& graph, RowNodeId id, ScaleAndShift& affine) {
  const RowNodeId operand = ScaledOperand(graph, id);
  if (operand < 0) return -1;
  const RowNode& node = graph.At(id);
  const absl::string_view name = node.function()->name;
  if (name == "Neg") {
    affine.scale = Times(affine.scale, {-1.0});
    return operand;
  }
  const bool constant_first = graph.IsConstant(node.operands[0]);
  const std::vector<double>& constant = graph.At(node.operands[constant_first ? 0 : 1]).values;
  if (name == "Add") {
    affine.shift = Total(affine.shift, Times(affine.scale, constant));
  } else if (name == "Sub" && constant_first) {
    affine.shift = Total(affine.shift, Times(affine.scale, constant));
    affine.scale = Times(affine.scale, {-1.0});
  } else if (name == "Sub") {
    affine.shift = Total(affine.shift, Times(affine.scale, Times(constant, {-1.0})));
  } else if (name == "Mul") {
    affine.scale = Times(affine.scale, constant);
  } else {
    affine.scale =
        UnitByUnit(affine.scale, constant, [](double scale, double by) { return scale / by; });
  }
  return operand;
}

void FoldBefore(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias) {
  for (std::int64_t input = 0; input < layer.inputs; ++input) {
    const double scale = affine.ScaleOf(input);
    const double shift = affine.ShiftOf(input);
    float* row = layer.dense().weights.data() + input * layer.units;
    for (std::int64_t unit = 0; unit < layer.units; ++unit) {
      bias[static_cast<std::size_t>(unit)] += shift * row[unit];
      row[unit] = static_cast<float>(row[unit] * scale);
    }
  }
}

void FoldBehind(const ScaleAndShift& affine, Layer& layer, std::vector<double>& bias) {
  const bool scales = affine.scale != std::vector<double>{1.0};
  for (std::int64_t input = 0; scales && input < layer.inputs; ++input) {
    float* row = layer.dense().weights.data() + input * layer.units;
    for (std::int64_t unit = 0; unit < layer.units; ++unit) {
      row[unit] = static_cast<float>(row[unit] * affine.ScaleOf(unit));
    }
  }
  for (std::int64_t unit = 0; unit < layer.units; ++unit) {
    double& value = bias[static_cast<std::size_t>(unit)];
    value = value * affine.ScaleOf(unit) + affine.ShiftOf(unit);
  }
}

bool IsMild(const ScaleAndShift& affine) {
  return std::all_of(affine.shift.begin(), affine.shift.end(),
                     [](double shift) { return std::fabs(shift) <= kMildShift; });
}

// Subtracts a large shift before x is scaled: there, cancellation is exact.
Layer LayerOf(const ScaleAndShift& affine, std::int64_t units) {
  Affine made;
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const double scale = affine.ScaleOf(unit);
    const double shift = affine.ShiftOf(unit);
    const double center = -shift / scale;
    const bool centered = std::fabs(shift) > 1.0 && std::isfinite(static_cast<float>(center));
    made.scale.push_back(static_cast<float>(scale));
    made.shift.push_back(centered ? 0.0F : static_cast<float>(shift));
    made.center.push_back(centered ? static_cast<float>(center) : 0.0F);
  }
  if (std::all_of(made.center.begin(), made.center.end(), [](float c) { return c == 0.0F; })) {
    made.center.clear();
  }
  Layer layer;
  layer.units = units;
  layer.inputs = units;
  layer.operation = std::move(made);
  return layer;
}

}  // namespace mlp
