#include "model/formats/graph/activation_finder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "model/formats/graph/activation_candidates.h"

namespace mlp {
namespace {

// The largest formula that is analysed; the longest known one takes 20 nodes.
constexpr std::size_t kMaxNodes = 64;

constexpr std::int64_t kPointsOfASearch = 64;

// Further constants add no breakpoints.
constexpr std::size_t kMaxConstants = 12;

bool IsElementwise(const RowNode& node) { return node.function() != nullptr; }

// The formula's constants.
std::vector<double> ConstantsOf(const RowGraph& graph, const std::vector<RowNodeId>& nodes) {
  std::set<double> constants;
  for (const RowNodeId id : nodes) {
    const RowNode& node = graph.At(id);
    const std::vector<double>& parameters = node.As<UnitFunction>()->parameters;
    constants.insert(parameters.begin(), parameters.end());
    for (const RowNodeId operand : node.operands) {
      if (graph.IsConstant(operand)) constants.insert(graph.At(operand).values.front());
    }
  }
  std::vector<double> result(constants.begin(), constants.end());
  if (result.size() > kMaxConstants) result.resize(kMaxConstants);
  return result;
}

// The points at which functions of one value are compared.
std::vector<double> PointsFor(const std::vector<double>& constants) {
  std::set<double> points = {0.0};
  for (const double size : {1e-6, 1e-3, 0.07, 0.31, 0.71, 1.13, 1.9,  2.6,  3.4,   4.7,
                            5.6,  7.9,  11.3, 14.2, 19.1, 26.0, 41.0, 77.0, 130.0, 1000.0}) {
    points.insert({size, -size});
  }
  std::vector<double> borders = constants;
  for (const double left : constants) {
    for (const double right : constants) {
      borders.push_back(left * right);
      if (right != 0.0) borders.push_back(left / right);
    }
  }
  for (const double border : borders) {
    if (!std::isfinite(border) || std::fabs(border) > 1e6) continue;
    const double step = 1e-3 * (1.0 + std::fabs(border));
    for (const double sign : {1.0, -1.0}) {
      for (const double offset : {-step, 0.0, step}) points.insert(sign * border + offset);
    }
  }
  return {points.begin(), points.end()};
}

// Whether all values at `points` lie on one line.
bool IsLine(const std::vector<double>& points, const std::vector<double>& values) {
  const auto first = static_cast<std::size_t>(
      std::find_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); }) -
      values.begin());
  if (first + 1 >= values.size()) return true;
  const std::size_t last = values.size() - 1;
  const double slope = (values[last] - values[first]) / (points[last] - points[first]);
  for (std::size_t i = first; i < values.size(); ++i) {
    const double on_line = values[first] + slope * (points[i] - points[first]);
    if (!(std::fabs(on_line - values[i]) <= 1e-9 * (1.0 + std::fabs(on_line)))) return false;
  }
  return true;
}

// GELU's exact constant if `value` is that constant in FLOAT16 or BFLOAT16; otherwise `value`.
double ExactConstant(double value) {
  for (const double exact :
       {std::sqrt(0.5), std::sqrt(2.0), std::sqrt(2.0 / std::acos(-1.0)), 0.044715}) {
    if (std::fabs(value - exact) <= exact * 0x1p-9) return exact;
  }
  return value;
}

}  // namespace

std::optional<FoundActivation> ActivationFinder::Find(RowNodeId node) {
  if (!IsElementwise(graph_.At(node))) return std::nullopt;
  // Checked early, because the work before the evaluations takes time too.
  if (evaluations_left_ <= 0) return std::nullopt;
  for (const RowNodeId argument : ArgumentsOf(node)) {
    if (evaluations_left_ <= 0) return std::nullopt;
    const Formula formula = FormulaOf(node, argument);
    // Finding a formula's nodes takes as long as evaluating it at some points.
    evaluations_left_ -= kPointsOfASearch * static_cast<std::int64_t>(formula.nodes.size());
    if (!MayBeActivation(formula)) continue;
    // Only PReLU has a trained slope.
    std::optional<Activation> found =
        formula.by_unit || formula.is_prelu ? IdentifyPrelu(formula) : Identify(formula);
    if (!found.has_value() && !formula.by_unit) found = IdentifyGelu(formula);
    if (found.has_value()) return FoundActivation{*std::move(found), argument};
  }
  return std::nullopt;
}

// The nodes that lie on every path from the inputs to `node`, the farthest first. Nodes are
// expanded from the last one down: whenever only one unexpanded node is left, all paths lead
// through it.
std::vector<RowNodeId> ActivationFinder::ArgumentsOf(RowNodeId node) const {
  std::set<RowNodeId> open = {node};
  std::vector<RowNodeId> arguments;
  for (std::size_t opened = 0; opened < kMaxNodes; ++opened) {
    const auto last = std::prev(open.end());
    const RowNodeId id = *last;
    if (!IsElementwise(graph_.At(id))) break;
    open.erase(last);
    for (const RowNodeId operand : graph_.At(id).operands) {
      if (!graph_.IsConstant(operand)) open.insert(operand);
    }
    if (open.empty()) break;
    if (open.size() == 1) arguments.push_back(*open.begin());
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

// Excludes functions that the points cannot tell from an activation. No activation replaces values
// that are not finite, and the points are finite. No activation gives conditions, and none has the
// many steps of a rounding, which may lie between the points.
bool ActivationFinder::MayBeActivation(const Formula& formula) const {
  if (graph_.At(formula.nodes.back()).function()->makes_bool) return false;
  return std::none_of(formula.nodes.begin(), formula.nodes.end(), [&](RowNodeId id) {
    const absl::string_view name = graph_.At(id).function()->name;
    return name == "IsNaN" || name == "IsInf" || name == "Equal" || name == "Round" ||
           name == "Floor" || name == "Ceil" || name == "Mod";
  });
}

ActivationFinder::Formula ActivationFinder::FormulaOf(RowNodeId node, RowNodeId argument) const {
  Formula formula;
  formula.argument = argument;
  std::set<RowNodeId> open = {node};
  while (!open.empty()) {
    const auto last = std::prev(open.end());
    const RowNodeId id = *last;
    open.erase(last);
    if (id == argument) continue;
    formula.nodes.push_back(id);
    for (const RowNodeId operand : graph_.At(id).operands) {
      if (!graph_.IsConstant(operand)) {
        open.insert(operand);
      } else if (graph_.At(operand).values.size() > 1) {
        formula.by_unit = true;
      }
    }
    formula.is_prelu = formula.is_prelu || graph_.At(id).function()->name == "PRelu";
  }
  std::reverse(formula.nodes.begin(), formula.nodes.end());
  return formula;
}

double ActivationFinder::ValueAt(const Formula& formula, double x, std::size_t unit) {
  evaluations_left_ -= static_cast<std::int64_t>(formula.nodes.size());
  scratch_.resize(formula.nodes.size());
  double operands[ElementwiseFunction::kMaxOperands];
  for (std::size_t i = 0; i < formula.nodes.size(); ++i) {
    const RowNode& node = graph_.At(formula.nodes[i]);
    std::size_t count = 0;
    for (const RowNodeId operand : node.operands) {
      if (operand == formula.argument) {
        operands[count++] = x;
      } else if (graph_.IsConstant(operand)) {
        const std::vector<double>& values = graph_.At(operand).values;
        const double value = values[values.size() == 1 ? 0 : unit];
        operands[count++] =
            formula.exact && graph_.At(operand).of_16_bits ? ExactConstant(value) : value;
      } else {
        const auto made = std::lower_bound(formula.nodes.begin(), formula.nodes.end(), operand);
        operands[count++] = scratch_[static_cast<std::size_t>(made - formula.nodes.begin())];
      }
    }
    const auto& function = *node.As<UnitFunction>();
    scratch_[i] = function.function->value({operands, count}, function.parameters);
  }
  return scratch_.back();
}

std::optional<Activation> ActivationFinder::Identify(const Formula& formula) {
  const std::vector<double> constants = ConstantsOf(graph_, formula.nodes);
  std::vector<double> points = PointsFor(constants);
  std::vector<double> values;
  values.reserve(points.size());
  for (double& point : points) {
    point = static_cast<float>(point);  // because the candidates are evaluated at floats
    if (evaluations_left_ <= 0) return std::nullopt;
    values.push_back(ValueAt(formula, point, 0));
  }
  if (IsLine(points, values)) return std::nullopt;
  return MatchingActivation(points, values, constants, evaluations_left_);
}

// A model in 16 bits rounds GELU's constants so far that its values differ from GELU's, but by less
// than the rounding of its sums.
std::optional<Activation> ActivationFinder::IdentifyGelu(Formula formula) {
  const bool has_erf_or_tanh =
      std::any_of(formula.nodes.begin(), formula.nodes.end(), [&](RowNodeId id) {
        const RowNode& node = graph_.At(id);
        return node.function()->name == "Erf" || node.function()->name == "Tanh";
      });
  const bool rounded = std::any_of(formula.nodes.begin(), formula.nodes.end(), [&](RowNodeId id) {
    const std::vector<RowNodeId>& operands = graph_.At(id).operands;
    return std::any_of(operands.begin(), operands.end(),
                       [&](RowNodeId operand) { return graph_.At(operand).of_16_bits; });
  });
  if (!has_erf_or_tanh || !rounded) return std::nullopt;
  formula.exact = true;
  std::optional<Activation> found = Identify(formula);
  const bool is_gelu = found.has_value() && (found->kind == ActivationKind::kGelu ||
                                             found->kind == ActivationKind::kGeluTanh);
  return is_gelu ? found : std::nullopt;
}

// PReLU with a slope for each unit, in whatever form: the slope follows from the formula's value at
// -1. Slopes of 1 alone do not make a PReLU: they may be a bias of zeros or a scale of ones. Slopes
// of 0 are ReLU after such a bias: its value at -infinity is 0, where PReLU's is NaN.
std::optional<Activation> ActivationFinder::IdentifyPrelu(const Formula& formula) {
  const auto units =
      formula.by_unit ? static_cast<std::size_t>(graph_.At(formula.nodes.back()).width) : 1;
  std::vector<float> slopes;
  slopes.reserve(units);
  for (std::size_t unit = 0; unit < units; ++unit) {
    const double slope = -ValueAt(formula, -1.0, unit);
    for (const double x : {-130.0, -2.6, -0.07, 0.0, 0.07, 1.0, 2.6, 130.0}) {
      if (evaluations_left_ <= 0) return std::nullopt;
      const double expected = x > 0.0 ? x : slope * x;
      const double value = ValueAt(formula, x, unit);
      if (expected == 0.0 && value != 0.0) return std::nullopt;
      if (!(std::fabs(value - expected) <= 1e-6 * std::max(1e-3, std::fabs(expected)))) {
        return std::nullopt;
      }
    }
    slopes.push_back(static_cast<float>(slope));
  }
  const auto all_are = [&](float value) {
    return std::all_of(slopes.begin(), slopes.end(), [&](float slope) { return slope == value; });
  };
  if (!formula.is_prelu) {
    if (all_are(1.0F)) return std::nullopt;
    if (all_are(0.0F)) return Activation{ActivationKind::kRelu, {}, {}};
  }
  return PreluOf(std::move(slopes));
}

}  // namespace mlp
