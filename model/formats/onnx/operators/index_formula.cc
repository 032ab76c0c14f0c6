#include "model/formats/onnx/operators/index_formula.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// The longest index formula that is analysed.
constexpr std::size_t kMaxIndexNodes = 32;

bool IsNamed(const RowNode& node, absl::string_view function) {
  return node.function() != nullptr && node.function()->name == function;
}

// Whether every value of the node is known to be an integer, as far as is easy to see.
bool IsIntegral(const RowGraph& graph, RowNodeId id) {
  for (;;) {
    const RowNode& node = graph.At(id);
    if (node.operation == RowOperation::kSlice || node.As<Selection>() != nullptr) {
      id = node.operands[0];
      continue;
    }
    if (IsNamed(node, "ToInteger")) return true;
    return node.operation == RowOperation::kInput &&
           !IsFloatingPoint(graph.inputs[static_cast<std::size_t>(node.first)].datatype);
  }
}

// The formula of one value that computes an index.
struct IndexFormula {
  RowNodeId argument = -1;
  std::vector<RowNodeId> nodes;  // in the order of evaluation
};

// The formula of `index`, unit by unit and with constants; nothing if it depends on more than one
// value.
std::optional<IndexFormula> IndexFormulaOf(const RowGraph& graph, RowNodeId index) {
  IndexFormula formula;
  std::set<RowNodeId> open = {index};
  while (!open.empty()) {
    const RowNodeId id = *std::prev(open.end());
    const RowNode& node = graph.At(id);
    if (node.function() == nullptr) break;
    if (formula.nodes.size() == kMaxIndexNodes) return std::nullopt;
    open.erase(id);
    formula.nodes.push_back(id);
    for (const RowNodeId operand : node.operands) {
      if (!graph.IsConstant(operand)) {
        open.insert(operand);
      } else if (graph.At(operand).values.size() != 1) {
        return std::nullopt;
      }
    }
  }
  if (open.size() != 1 || formula.nodes.empty()) return std::nullopt;
  formula.argument = *open.begin();
  std::reverse(formula.nodes.begin(), formula.nodes.end());
  return formula;
}

double ValueOf(const RowGraph& graph, const IndexFormula& formula, double x) {
  double made[kMaxIndexNodes];
  for (std::size_t i = 0; i < formula.nodes.size(); ++i) {
    const RowNode& node = graph.At(formula.nodes[i]);
    double operands[ElementwiseFunction::kMaxOperands];
    std::size_t count = 0;
    for (const RowNodeId operand : node.operands) {
      if (operand == formula.argument) {
        operands[count++] = x;
      } else if (graph.IsConstant(operand)) {
        operands[count++] = graph.At(operand).values[0];
      } else {
        const auto at = std::lower_bound(formula.nodes.begin(), formula.nodes.end(), operand);
        operands[count++] = made[at - formula.nodes.begin()];
      }
    }
    const auto& function = *node.As<UnitFunction>();
    made[i] = function.function->value({operands, count}, function.parameters);
  }
  return made[formula.nodes.size() - 1];
}

// The entry at position `x`, or -1.
double EntryAt(double x, double entries) {
  x = std::trunc(x);
  if (!(x >= -entries && x < entries)) return -1;
  return x < 0 ? x + entries : x;
}

// Whether the formula selects the same entry as its argument, and none for an argument beyond the
// last entry. Keras' formulas count far negative values from the end twice; requests with these are
// refused.
bool ChangesNoEntry(const RowGraph& graph, const IndexFormula& formula, std::int64_t entries,
                    std::int64_t& evaluations_left) {
  const auto size = static_cast<double>(entries);
  std::vector<double> fractions = {0.0};
  if (!IsIntegral(graph, formula.argument)) fractions = {0.0, 0.4, 0.9};
  evaluations_left -= (2 * entries + 8) * static_cast<std::int64_t>(formula.nodes.size()) *
                      static_cast<std::int64_t>(fractions.size());
  if (evaluations_left < 0) return false;
  const auto agrees = [&](double x) {
    return EntryAt(ValueOf(graph, formula, x), size) == EntryAt(x, size);
  };
  const auto last = static_cast<std::int64_t>(size) + 1;
  for (std::int64_t position = 0; position <= last; ++position) {
    const auto x = static_cast<double>(position);
    for (const double fraction : fractions) {
      if (!agrees(x + fraction) || (x <= size && !agrees(-x - fraction))) return false;
    }
  }
  return agrees(2 * size) && agrees(1e6 * size);
}

}  // namespace

RowNodeId WithoutIndexing(OnnxConversion& conversion, RowNodeId index, std::int64_t entries) {
  const std::optional<IndexFormula> formula = IndexFormulaOf(conversion.graph, index);
  if (!formula.has_value() ||
      !ChangesNoEntry(conversion.graph, *formula, entries, conversion.evaluations_left)) {
    return index;
  }
  return formula->argument;
}

}  // namespace mlp
