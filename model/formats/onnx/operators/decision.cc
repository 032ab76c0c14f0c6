// Labels and decisions that a graph computes with.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {
namespace {

// The number that represents each label.
absl::StatusOr<std::vector<float>> NumbersOfLabels(const Operands& operands,
                                                   const Decision& decision) {
  std::vector<float> numbers;
  if (decision.datatype == Datatype::kBytes) {
    for (const std::string& label : *decision.string_labels) {
      const absl::StatusOr<std::int64_t> position =
          operands.conversion.words.PositionOf(label, operands.conversion.limits);
      if (!position.ok()) return position.status();
      numbers.push_back(static_cast<float>(*position));
    }
    return numbers;
  }
  for (const std::int64_t label : *decision.integer_labels) {
    const auto number = static_cast<double>(label);
    if (number > kGreatestExactInteger || number < -kGreatestExactInteger) {
      return InexactInteger("to compute with the label", label);
    }
    numbers.push_back(static_cast<float>(label));
  }
  return numbers;
}

bool ArePositions(const std::vector<float>& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<float>(i)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Signal> SignalOfDecision(const Operands& operands, const Decision& decision) {
  Signal signal;
  signal.row_shape = decision.row_shape;
  signal.datatype = decision.datatype;
  const RowNodeId scores = decision.scores.node;
  const std::int64_t units = WidthOf(decision.scores.row_shape);
  if (decision.kind == OutputKind::kDecisions) {
    const RowNodeId threshold = AddConstant(operands, {decision.threshold});
    signal.node = AddElementwise(operands, "Greater", {scores, threshold}, {}, units);
    return signal;
  }
  absl::StatusOr<std::vector<float>> numbers = NumbersOfLabels(operands, decision);
  if (!numbers.ok()) return numbers.status();
  Reduction position;
  position.kind = ReductionKind::kArgMax;
  position.count = units;
  signal.node = AddRowOperation(operands, position, {scores}, 1);
  if (decision.datatype != Datatype::kBytes && ArePositions(*numbers)) return signal;
  Lookup labels;
  labels.table = *std::move(numbers);
  const absl::StatusOr<RowNodeId> looked_up =
      AddLookup(operands, std::move(labels), signal.node, 1);
  if (!looked_up.ok()) return looked_up.status();
  signal.node = *looked_up;
  return signal;
}

absl::StatusOr<std::int64_t> OnnxWords::PositionOf(const std::string& word,
                                                   ConstantLimits& limits) {
  const auto found = positions_.find(word);
  if (found != positions_.end()) return found->second;
  // Stored twice here and twice in the network.
  constexpr std::int64_t kCopies = 4;
  const auto bytes = kCopies * static_cast<std::int64_t>(sizeof(std::string) + word.size());
  if (auto status = TakeBytes("its strings", bytes, limits); !status.ok()) {
    return status;
  }
  const auto position = static_cast<std::int64_t>(words_.size());
  words_.push_back(word);
  positions_.emplace(word, position);
  return position;
}

}  // namespace mlp
