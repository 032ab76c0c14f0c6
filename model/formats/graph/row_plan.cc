#include "model/formats/graph/row_plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/activation_finder.h"

namespace mlp {
namespace {

// Limits for the numbers in a network's scales and shifts: those computed at each step of joining a
// chain, and those stored. They are many times what the largest network needs. Without them, a long
// chain over a row of many units would take hours and exhaust the memory.
constexpr std::int64_t kMaxAffineSteps = std::int64_t{1} << 26;
constexpr std::int64_t kMaxAffineNumbers = 4 * Network::kMaxUnits;

class RowPlanner {
 public:
  explicit RowPlanner(const RowGraph& graph)
      : graph_(graph), finder_(graph), plans_(graph.nodes.size()), found_(graph.nodes.size()) {
    FindLayers();
  }

  absl::StatusOr<std::vector<RowPlan>> Plan(const std::vector<RowGraphOutput>& outputs) && {
    for (const RowGraphOutput& output : outputs) Use(output.node, -1);
    // A node follows its operands, so going from the last node down, all uses of a node are known.
    for (auto id = static_cast<RowNodeId>(plans_.size()); id-- > 0;) {
      if (!At(id).needed) continue;
      if (auto status = Decide(id); !status.ok()) return status;
      const bool steps = PassesStepsOn(id);
      for (const RowNodeId source : At(id).sources) {
        Use(source, id);
        At(source).stepped = At(source).stepped || steps;
      }
    }
    for (RowNodeId id = 0; id < static_cast<RowNodeId>(plans_.size()); ++id) Fold(id);
    return std::move(plans_);
  }

 private:
  RowPlan& At(RowNodeId id) { return plans_[static_cast<std::size_t>(id)]; }

  void Use(RowNodeId id, RowNodeId reader) {
    At(id).needed = true;
    ++At(id).uses;
    At(id).reader = reader;
  }

  // Whether the last bit of what the node reads may change the answer: a function may round or
  // compare, and a lookup picks an entry by its value.
  bool PassesStepsOn(RowNodeId id) {
    const RowNode& node = graph_.At(id);
    const RowPlan& plan = At(id);
    if (plan.form == RowForm::kFunction || node.As<Lookup>() != nullptr) return true;
    const bool passes = plan.form == RowForm::kCombined || node.operation == RowOperation::kSlice ||
                        node.operation == RowOperation::kConcat ||
                        node.As<Reduction>() != nullptr || node.As<Selection>() != nullptr ||
                        node.As<MatrixProduct>() != nullptr;
    return passes && plan.stepped;
  }

  // A scale or shift before steps is computed exactly as in the file: x / 41 is not x times 1 / 41.
  // A dense layer's bias still belongs to the layer.
  bool IsExact(RowNodeId id) {
    if (!At(id).stepped || ScaledOperand(graph_, id) < 0) return false;
    return graph_.At(id).function()->name == "Div" || !is_layer_[static_cast<std::size_t>(id)];
  }

  const std::optional<FoundActivation>& Find(RowNodeId id) {
    auto& found = found_[static_cast<std::size_t>(id)];
    if (!found.has_value()) found = finder_.Find(id);
    return *found;
  }

  absl::Status Decide(RowNodeId id) {
    const RowNode& node = graph_.At(id);
    RowPlan& plan = At(id);
    if (node.function() == nullptr) {
      plan.sources = node.operands;
      return absl::OkStatus();
    }
    if (const auto& found = Find(id); found.has_value()) {
      plan.form = RowForm::kActivation;
      plan.activation = found->activation;
      plan.sources = {found->argument};
      return absl::OkStatus();
    }
    if (IsExact(id)) {
      DecideFunction(node, plan);
      return absl::OkStatus();
    }
    // Joins all scales and shifts up to the next activation.
    RowNodeId source = id;
    while (source == id || (!IsReadAsALayer(source) && !Find(source).has_value())) {
      ScaleAndShift further = plan.affine;
      const RowNodeId next = Prepend(graph_, source, further);
      // If the joined scale or shift would overflow, the chain is split.
      if (next < 0 || IsBeyondWeights(further)) break;
      plan.affine = std::move(further);
      source = next;
      affine_steps_left_ -= SizeOfAffine(plan.affine);
      if (affine_steps_left_ < 0) return TooManyAffines(node);
    }
    if (source != id) {
      affine_numbers_left_ -= SizeOfAffine(plan.affine);
      if (affine_numbers_left_ < 0) return TooManyAffines(node);
      plan.form = RowForm::kAffine;
      plan.sources = {source};
      return absl::OkStatus();
    }
    DecideCombination(node, plan);
    return absl::OkStatus();
  }

  // The scales and shifts of a dense layer belong to it; one of them is its bias.
  void FindLayers() {
    const std::size_t count = graph_.nodes.size();
    readers_.resize(count);
    is_layer_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = static_cast<RowNodeId>(i);
      for (const RowNodeId operand : graph_.At(id).operands) {
        ++readers_[static_cast<std::size_t>(operand)];
      }
      const RowNodeId scaled = ScaledOperand(graph_, id);
      is_layer_[i] = graph_.At(id).As<Dense>() != nullptr ||
                     (scaled >= 0 && is_layer_[static_cast<std::size_t>(scaled)]);
    }
  }

  // If several nodes read a dense layer with its bias, the layer keeps the bias, and each reader
  // scales separately.
  bool IsReadAsALayer(RowNodeId id) const {
    const auto index = static_cast<std::size_t>(id);
    return is_layer_[index] && readers_[index] > 1;
  }

  // A layer's weights cannot hold a shift by infinity, as in a mask. NaN is left to
  // Network::Create, which refuses it.
  static bool IsBeyondWeights(const ScaleAndShift& affine) {
    const auto is_infinite = [](double value) { return std::isinf(static_cast<float>(value)); };
    return std::any_of(affine.scale.begin(), affine.scale.end(), is_infinite) ||
           std::any_of(affine.shift.begin(), affine.shift.end(), is_infinite);
  }

  static std::int64_t SizeOfAffine(const ScaleAndShift& affine) {
    return static_cast<std::int64_t>(affine.scale.size() + affine.shift.size());
  }

  static absl::Status TooManyAffines(const RowNode& node) {
    return absl::UnimplementedError(
        absl::StrCat(node.text,
                     ": the scales and shifts on the way to it are too many; supported "
                     "are a few for each unit of a network"));
  }

  // A node that is no activation may still combine its operands.
  void DecideCombination(const RowNode& node, RowPlan& plan) {
    const auto is_constant = [this](RowNodeId id) { return graph_.IsConstant(id); };
    const bool of_rows = std::none_of(node.operands.begin(), node.operands.end(), is_constant);
    for (const auto& [name, combination] :
         {std::pair{"Add", Combination::kSum}, std::pair{"Mul", Combination::kProduct},
          std::pair{"Max", Combination::kMaximum}, std::pair{"Min", Combination::kMinimum}}) {
      if (!of_rows || node.function()->name != name) continue;
      plan.form = RowForm::kCombined;
      plan.combination = combination;
      plan.sources = node.operands;
      return;
    }
    if (node.function()->name == "Pow" && !is_constant(node.operands[0]) &&
        is_constant(node.operands[1])) {
      const std::vector<double>& exponent = graph_.At(node.operands[1]).values;
      if (exponent.size() == 1 && (exponent[0] == 2.0 || exponent[0] == 3.0)) {
        plan.form = RowForm::kCombined;
        plan.combination = Combination::kProduct;
        plan.sources.assign(static_cast<std::size_t>(exponent[0]), node.operands[0]);
        return;
      }
    }
    DecideFunction(node, plan);
  }

  // Computes the function alone; its constant operands become layers.
  void DecideFunction(const RowNode& node, RowPlan& plan) const {
    plan.form = RowForm::kFunction;
    std::copy_if(node.operands.begin(), node.operands.end(), std::back_inserter(plan.sources),
                 [this](RowNodeId operand) { return !graph_.IsConstant(operand); });
  }

  // Scales and shifts become part of the weights after or before them, unless something else uses
  // those.
  void Fold(RowNodeId id) {
    RowPlan& plan = At(id);
    if (!plan.needed || plan.form != RowForm::kAffine) return;
    RowPlan& source = At(plan.sources[0]);
    if (graph_.At(plan.sources[0]).As<Dense>() != nullptr && source.uses == 1) {
      source.folded = true;
      return;
    }
    const bool one_reader = plan.uses == 1 && plan.reader >= 0;
    plan.folded =
        one_reader && graph_.At(plan.reader).As<Dense>() != nullptr && IsMild(plan.affine);
  }

  const RowGraph& graph_;
  ActivationFinder finder_;
  std::int64_t affine_steps_left_ = kMaxAffineSteps;
  std::int64_t affine_numbers_left_ = kMaxAffineNumbers;
  std::vector<int> readers_;    // number of nodes that read each node
  std::vector<bool> is_layer_;  // whether it is a dense layer, or a scale or a shift of one
  std::vector<RowPlan> plans_;
  std::vector<std::optional<std::optional<FoundActivation>>> found_;  // set once searched
};

}  // namespace

absl::StatusOr<std::vector<RowPlan>> PlanRows(const RowGraph& graph,
                                              const std::vector<RowGraphOutput>& outputs) {
  return RowPlanner(graph).Plan(outputs);
}

}  // namespace mlp
