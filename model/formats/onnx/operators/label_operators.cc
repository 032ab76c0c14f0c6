// The operators that derive labels from scores, most of them scikit-learn's.

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/utf8.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kItsLabels[] = "its labels";

std::int64_t BytesOfLabel(std::int64_t label) { return static_cast<std::int64_t>(sizeof(label)); }
std::int64_t BytesOfLabel(const std::string& label) {
  return static_cast<std::int64_t>(sizeof(std::string) + label.size());
}

absl::StatusOr<Decision> DecisionAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<Decision>(*value)) {
    return std::get<Decision>(*value);
  }
  return absl::UnimplementedError(absl::StrCat(
      InputText(operands, index), " is not a label; only the result of ArgMax is supported here"));
}

// Strings of a tensor or an attribute that answers may contain.
template <typename Strings>
absl::StatusOr<std::vector<std::string>> LabelsFrom(const Strings& strings,
                                                    ConstantLimits& limits) {
  for (const std::string& label : strings) {
    if (auto status = TakeBytes(kItsLabels, BytesOfLabel(label), limits); !status.ok()) {
      return status;
    }
    if (!IsUtf8(label)) {
      return NoUtf8("the label", label);
    }
  }
  return std::vector<std::string>(strings.begin(), strings.end());
}

// The table's entry at each index.
template <typename Label>
absl::StatusOr<std::shared_ptr<const std::vector<Label>>> Select(
    const std::vector<std::int64_t>& indices, const std::vector<Label>& table,
    ConstantLimits& limits) {
  std::vector<Label> labels;
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= static_cast<std::int64_t>(table.size())) {
      return absl::InvalidArgumentError(
          absl::StrCat("its table has ", CountText(table.size(), "label"), ", but the scores have ",
                       "a class ", index, "; expected one for each class"));
    }
    const Label& label = table[static_cast<std::size_t>(index)];
    // A table with one long label may be looked up for each of a million units.
    if (auto status = TakeBytes(kItsLabels, BytesOfLabel(label), limits); !status.ok()) {
      return status;
    }
    labels.push_back(label);
  }
  return std::make_shared<const std::vector<Label>>(std::move(labels));
}

void SetStringLabels(std::shared_ptr<const std::vector<std::string>> labels, Decision& decision) {
  decision.string_labels = std::move(labels);
  decision.integer_labels = std::make_shared<const std::vector<std::int64_t>>();
  decision.datatype = Datatype::kBytes;
}

// A matrix of decisions, as in scikit-learn's multi-label classifiers.
absl::StatusOr<OnnxValues> Binarizer(const Operands& operands) {
  absl::StatusOr<Signal> scores = FlatSignalAt(operands, 0);
  if (!scores.ok()) return scores.status();
  Decision decision;
  decision.kind = OutputKind::kDecisions;
  decision.threshold = FloatAttribute(operands.node, "threshold", 0.0F);
  decision.row_shape = scores->row_shape;
  decision.datatype = scores->datatype;
  decision.scores = *std::move(scores);
  return SingleValue(std::move(decision));
}

// A sequence of maps cannot be served, but the probabilities it is made from can.
absl::StatusOr<OnnxValues> ZipMap(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  operands.conversion.Warn(absl::StrCat(NodeText(operands.node),
                                        " makes maps of the probabilities; they are served as ",
                                        "a tensor in the order of the classes"));
  return SingleValue(*std::move(x));
}

// Each tensor of a sequence is served as a separate output.
absl::StatusOr<OnnxValues> SequenceConstruct(const Operands& operands) {
  SignalSequence sequence;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    absl::StatusOr<Signal> x = SignalAt(operands, i);
    if (!x.ok()) return x.status();
    sequence.signals.push_back(*std::move(x));
  }
  return SingleValue(std::move(sequence));
}

}  // namespace

absl::StatusOr<OnnxValues> LookUpLabels(const Operands& operands, std::size_t table,
                                        std::size_t labels) {
  absl::StatusOr<Decision> decision = DecisionAt(operands, labels);
  if (!decision.ok()) return decision.status();
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, table);
  if (!constant.ok()) return constant.status();
  if (decision->kind != OutputKind::kLabel || decision->datatype == Datatype::kBytes) {
    return absl::UnimplementedError(
        absl::StrCat(InputText(operands, labels),
                     " is looked up, but is not the position of a class; only the result of ArgMax "
                     "is supported here"));
  }
  const std::vector<std::int64_t>& indices = *decision->integer_labels;
  if (constant->tensor->data_type() == onnx::TensorProto::STRING) {
    const auto strings = LabelsFrom(constant->tensor->string_data(), operands.conversion.limits);
    if (!strings.ok()) return strings.status();
    auto looked_up = Select(indices, *strings, operands.conversion.limits);
    if (!looked_up.ok()) return looked_up.status();
    SetStringLabels(*std::move(looked_up), *decision);
    return SingleValue(*std::move(decision));
  }
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  std::vector<std::int64_t> integers;
  for (const double number : numbers->values) {
    if (!(number > -9e15 && number < 9e15)) {
      return absl::UnimplementedError(
          absl::StrCat("it makes the label ", number, "; supported are integers and strings"));
    }
    integers.push_back(static_cast<std::int64_t>(number));
  }
  auto looked_up = Select(indices, integers, operands.conversion.limits);
  if (!looked_up.ok()) return looked_up.status();
  decision->integer_labels = *std::move(looked_up);
  return SingleValue(*std::move(decision));
}

const std::vector<OnnxOperator>& LabelOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Binarizer", "ai.onnx.ml", 1, 1, {{"threshold", AttributeProto::FLOAT}}, Binarizer},
      {"SequenceConstruct", "", 1, kAnyNumberOfInputs, {}, SequenceConstruct},
      {"ZipMap",
       "ai.onnx.ml",
       1,
       1,
       {{"classlabels_int64s", AttributeProto::INTS},
        {"classlabels_strings", AttributeProto::STRINGS}},
       ZipMap,
       true},
  };
  return *operators;
}

}  // namespace mlp
