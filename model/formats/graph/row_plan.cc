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

// What the scales and shifts of a network may take, in numbers: those of each step on the way to
// the value that they stand for, and those that are kept. They are many times what the units of the
// largest network need; a row of many units in front of a long chain would take hours and the
// memory.
constexpr std::int64_t kMostAffineSteps = std::int64_t{1} << 26;
constexpr std::int64_t kMostAffineNumbers = 4 * Network::kMaxUnits;

class RowPlanner {
 public:
  explicit RowPlanner(const RowGraph& graph)
      : graph_(graph), finder_(graph), plans_(graph.nodes.size()), found_(graph.nodes.size()) {
    FindLayers();
  }

  absl::StatusOr<std::vector<RowPlan>> Plan(const std::vector<RowGraphOutput>& outputs) && {
    for (const RowGraphOutput& output : outputs) Use(output.node, -1);
    // A node comes behind what it is made of, so that from the last one down all uses are known.
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

  // Whether the last bit of what the node reads may make another answer: a function may round or
  // compare, and a table takes the entry that a value is next to.
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

  // A scale or a shift in front of steps is made as the file has it: x / 41 is no product with 1
  // / 41. The bias of a dense layer stays its own.
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
    // All scales and shifts on the way to the next activation together.
    RowNodeId source = id;
    while (source == id || (!IsReadAsALayer(source) && !Find(source).has_value())) {
      ScaleAndShift further = plan.affine;
      const RowNodeId next = Prepend(graph_, source, further);
      // What is too far to be one scale and shift is several.
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

  // A dense layer's own scales and shifts make it what it is, its bias among them.
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

  // Where several read a dense layer with its bias, it keeps the bias, and what each of them scales
  // is their own.
  bool IsReadAsALayer(RowNodeId id) const {
    const auto index = static_cast<std::size_t>(id);
    return is_layer_[index] && readers_[index] > 1;
  }

  // A shift by a mask's infinity is none that a layer's weights can hold. NaN is left to
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
                     "are some for each unit of a network"));
  }

  // What is no activation may still be made of its operands.
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

  // By itself: the constants among its operands are made in front of it.
  void DecideFunction(const RowNode& node, RowPlan& plan) const {
    plan.form = RowForm::kFunction;
    std::copy_if(node.operands.begin(), node.operands.end(), std::back_inserter(plan.sources),
                 [this](RowNodeId operand) { return !graph_.IsConstant(operand); });
  }

  // Scales and shifts become part of the weights behind or in front of them, where those are not
  // used in any other way.
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
  std::int64_t affine_steps_left_ = kMostAffineSteps;
  std::int64_t affine_numbers_left_ = kMostAffineNumbers;
  std::vector<int> readers_;    // of each node
  std::vector<bool> is_layer_;  // whether it is a dense layer, or a scale or a shift of one
  std::vector<RowPlan> plans_;
  std::vector<std::optional<std::optional<FoundActivation>>> found_;  // where it was looked for
};

}  // namespace

absl::StatusOr<std::vector<RowPlan>> PlanRows(const RowGraph& graph,
                                              const std::vector<RowGraphOutput>& outputs) {
  return RowPlanner(graph).Plan(outputs);
}

}  // namespace mlp
