#include "model/formats/graph/row_patterns.h"

#include <optional>
#include <utility>

namespace mlp {
namespace {

// The node of a part that does not exist.
constexpr RowNodeId kNone = -1;

class PatternFinder {
 public:
  explicit PatternFinder(RowGraph& graph) : graph_(graph) {}

  void Join(RowNodeId id) {
    if (Is(id, "Div")) {
      JoinSoftmax(id) || JoinNorm(id);
    } else if (Is(id, "Add")) {
      JoinLogSoftmax(id);
    }
  }

 private:
  bool Is(RowNodeId id, absl::string_view function) const {
    return id != kNone && graph_.At(id).function() != nullptr &&
           graph_.At(id).function()->name == function;
  }

  // The single value of a row that is repeated for all units.
  RowNodeId Repeated(RowNodeId id) const {
    if (graph_.At(id).As<Selection>() == nullptr) return kNone;
    const RowNodeId value = graph_.At(id).operands[0];
    return graph_.At(value).width == 1 ? value : kNone;
  }

  // The operand of the reduction over whole rows that gives `id`.
  RowNodeId Reduced(RowNodeId id, ReductionKind kind) const {
    if (id == kNone) return kNone;
    const auto* reduction = graph_.At(id).As<Reduction>();
    if (reduction == nullptr || reduction->kind != kind) return kNone;
    const RowNodeId x = graph_.At(id).operands[0];
    return reduction->count == graph_.At(x).width ? x : kNone;
  }

  // The x of x - r, where r is a reduction of x over the whole row.
  RowNodeId LessItsOwn(RowNodeId id, ReductionKind kind) const {
    if (!Is(id, "Add")) return kNone;
    const std::vector<RowNodeId>& terms = graph_.At(id).operands;
    for (const bool first : {true, false}) {
      const RowNodeId x = terms[first ? 0 : 1];
      const RowNodeId negative = terms[first ? 1 : 0];
      if (!Is(negative, "Neg")) continue;
      if (Reduced(Repeated(graph_.At(negative).operands[0]), kind) == x) return x;
    }
    return kNone;
  }

  bool IsSquareOf(RowNodeId id, RowNodeId x) const {
    if (id == kNone || x == kNone) return false;
    const std::vector<RowNodeId>& operands = graph_.At(id).operands;
    if (Is(id, "Mul")) return operands[0] == x && operands[1] == x;
    return Is(id, "Pow") && operands[0] == x && Number(operands[1]) == 2.0;
  }

  std::optional<double> Number(RowNodeId id) const {
    const RowNode& node = graph_.At(id);
    if (!graph_.IsConstant(id) || node.values.size() != 1) return std::nullopt;
    return node.values[0];
  }

  // The epsilon of sqrt(mean(x^2) + epsilon), where the root is repeated for all units.
  std::optional<double> EpsilonOfRootMeanSquare(RowNodeId id, RowNodeId x) const {
    const RowNodeId root = Repeated(id);
    if (!Is(root, "Sqrt")) return std::nullopt;
    const RowNodeId sum = graph_.At(root).operands[0];
    if (!Is(sum, "Add")) return std::nullopt;
    const std::vector<RowNodeId>& terms = graph_.At(sum).operands;
    for (const bool first : {true, false}) {
      const RowNodeId mean = terms[first ? 0 : 1];
      const RowNodeId square = Reduced(mean, ReductionKind::kMean);
      if (IsSquareOf(square, x)) return Number(terms[first ? 1 : 0]);
    }
    return std::nullopt;
  }

  // e^x / sum(e^x), with or without subtracting the greatest value first.
  bool JoinSoftmax(RowNodeId id) {
    const RowNodeId e = graph_.At(id).operands[0];
    if (!Is(e, "Exp")) return false;
    if (Reduced(Repeated(graph_.At(id).operands[1]), ReductionKind::kSum) != e) return false;
    const RowNodeId shifted = graph_.At(e).operands[0];
    const RowNodeId x = LessItsOwn(shifted, ReductionKind::kMaximum);
    ReplaceByFunction(id, ActivationKind::kSoftmax, x == kNone ? shifted : x);
    return true;
  }

  void JoinLogSoftmax(RowNodeId id) {
    const RowNodeId x = LessItsOwn(id, ReductionKind::kLogSumExp);
    if (x != kNone) ReplaceByFunction(id, ActivationKind::kLogSoftmax, x);
  }

  bool JoinNorm(RowNodeId id) {
    const RowNodeId dividend = graph_.At(id).operands[0];
    const auto epsilon = EpsilonOfRootMeanSquare(graph_.At(id).operands[1], dividend);
    const auto least = static_cast<double>(static_cast<float>(epsilon.value_or(0.0)));
    if (!(least > 0.0)) return false;
    const RowNodeId x = LessItsOwn(dividend, ReductionKind::kMean);
    RowNode node;
    node.operation = RowOperation::kOperation;
    node.detail =
        Normalization{x == kNone ? Norm::kRms : Norm::kStandard, static_cast<float>(least)};
    Replace(id, std::move(node), x == kNone ? dividend : x);
    return true;
  }

  void ReplaceByFunction(RowNodeId id, ActivationKind kind, RowNodeId x) {
    RowNode node;
    node.operation = RowOperation::kRowFunction;
    node.row_function = kind;
    Replace(id, std::move(node), x);
  }

  void Replace(RowNodeId id, RowNode node, RowNodeId x) {
    node.operands = {x};
    node.width = graph_.At(id).width;
    node.text = std::move(graph_.At(id).text);
    graph_.At(id) = std::move(node);
  }

  RowGraph& graph_;
};

}  // namespace

void JoinRowPatterns(RowGraph& graph) {
  PatternFinder finder(graph);
  for (RowNodeId id = 0; id < static_cast<RowNodeId>(graph.nodes.size()); ++id) finder.Join(id);
}

}  // namespace mlp
