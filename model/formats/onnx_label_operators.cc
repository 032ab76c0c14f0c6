// The operators that tell labels from scores, most of them scikit-learn's.

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_operands.h"
#include "model/quote.h"
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
  return absl::UnimplementedError(
      absl::StrCat("its input ", index + 1, " is no result of an ArgMax"));
}

absl::StatusOr<OnnxValues> ArgMax(const Operands& operands) {
  absl::StatusOr<Signal> scores = FlatSignalAt(operands, 0);
  if (!scores.ok()) return scores.status();
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", 0)); !status.ok()) {
    return status;
  }
  if (IntegerAttribute(operands.node, "select_last_index", 0) != 0) {
    return absl::UnimplementedError("select_last_index is not 0; supported is the first of equals");
  }
  Decision decision;
  if (IntegerAttribute(operands.node, "keepdims", 1) != 0) decision.row_shape = {1};
  const std::int64_t units = scores->row_shape[0];
  if (auto status = TakeBytes(kItsLabels, units * static_cast<std::int64_t>(sizeof(std::int64_t)),
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  std::vector<std::int64_t> labels(static_cast<std::size_t>(units));
  std::iota(labels.begin(), labels.end(), std::int64_t{0});
  decision.integer_labels = std::make_shared<const std::vector<std::int64_t>>(std::move(labels));
  decision.scores = *std::move(scores);
  return One(std::move(decision));
}

// The strings of a tensor or an attribute, for answers.
template <typename Strings>
absl::StatusOr<std::vector<std::string>> LabelsFrom(const Strings& strings,
                                                    ConstantLimits& limits) {
  for (const std::string& label : strings) {
    if (auto status = TakeBytes(kItsLabels, BytesOfLabel(label), limits); !status.ok()) {
      return status;
    }
    if (!IsUtf8(label)) {
      return absl::InvalidArgumentError(absl::StrCat("the label ", Quote(label), " is no UTF-8"));
    }
  }
  return std::vector<std::string>(strings.begin(), strings.end());
}

// What stands in a table at each index.
template <typename Label>
absl::StatusOr<std::shared_ptr<const std::vector<Label>>> Select(
    const std::vector<std::int64_t>& indices, const std::vector<Label>& table,
    ConstantLimits& limits) {
  std::vector<Label> labels;
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= static_cast<std::int64_t>(table.size())) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are ", table.size(), " labels, but one for ", index, " is needed"));
    }
    const Label& label = table[static_cast<std::size_t>(index)];
    // A table of one long label may be looked up for each of a million units.
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

absl::StatusOr<OnnxValues> LabelEncoder(const Operands& operands) {
  absl::StatusOr<Decision> decision = DecisionAt(operands, 0);
  if (!decision.ok()) return decision.status();
  const AttributeProto* keys = FindAttribute(operands.node, "keys_int64s");
  const AttributeProto* integers = FindAttribute(operands.node, "values_int64s");
  const AttributeProto* strings = FindAttribute(operands.node, "values_strings");
  const int values = integers != nullptr ? integers->ints_size()
                                         : (strings != nullptr ? strings->strings_size() : 0);
  if (keys == nullptr || decision->kind != OutputKind::kLabel ||
      decision->datatype == Datatype::kBytes || values != keys->ints_size() || values == 0) {
    return absl::UnimplementedError(
        "supported is keys_int64s with as many values_int64s or values_strings");
  }
  std::map<std::int64_t, int> positions;
  for (int i = 0; i < values; ++i) positions[keys->ints(i)] = i;
  std::vector<std::int64_t> indices;
  for (const std::int64_t label : *decision->integer_labels) {
    const auto found = positions.find(label);
    if (found == positions.end()) {
      return absl::UnimplementedError(absl::StrCat("it has no key ", label));
    }
    indices.push_back(found->second);
  }
  ConstantLimits& limits = operands.conversion.limits;
  if (integers != nullptr) {
    const std::vector<std::int64_t> table(integers->ints().begin(), integers->ints().end());
    auto labels = Select(indices, table, limits);
    if (!labels.ok()) return labels.status();
    decision->integer_labels = *std::move(labels);
  } else {
    const auto table = LabelsFrom(strings->strings(), limits);
    if (!table.ok()) return table.status();
    auto labels = Select(indices, *table, limits);
    if (!labels.ok()) return labels.status();
    SetStringLabels(*std::move(labels), *decision);
  }
  return One(*std::move(decision));
}

// A matrix of decisions, as scikit-learn has for several labels a row.
absl::StatusOr<OnnxValues> Binarizer(const Operands& operands) {
  absl::StatusOr<Signal> scores = FlatSignalAt(operands, 0);
  if (!scores.ok()) return scores.status();
  Decision decision;
  decision.kind = OutputKind::kDecisions;
  decision.threshold = FloatAttribute(operands.node, "threshold", 0.0F);
  decision.row_shape = scores->row_shape;
  decision.scores = *std::move(scores);
  return One(std::move(decision));
}

// A sequence of maps cannot be served; the probabilities in front of it can.
absl::StatusOr<OnnxValues> ZipMap(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  operands.conversion.Warn(absl::StrCat(NodeText(operands.node),
                                        " makes maps of the probabilities; they are served as ",
                                        "a tensor in the order of the classes"));
  return One(*std::move(x));
}

}  // namespace

absl::StatusOr<OnnxValues> LookUpLabels(const Operands& operands, std::size_t table,
                                        std::size_t labels) {
  absl::StatusOr<Decision> decision = DecisionAt(operands, labels);
  if (!decision.ok()) return decision.status();
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, table);
  if (!constant.ok()) return constant.status();
  if (decision->kind != OutputKind::kLabel || decision->datatype == Datatype::kBytes) {
    return absl::UnimplementedError("supported is looking up the labels that an ArgMax gives");
  }
  const std::vector<std::int64_t>& indices = *decision->integer_labels;
  if (constant->tensor->data_type() == onnx::TensorProto::STRING) {
    const auto strings = LabelsFrom(constant->tensor->string_data(), operands.conversion.limits);
    if (!strings.ok()) return strings.status();
    auto looked_up = Select(indices, *strings, operands.conversion.limits);
    if (!looked_up.ok()) return looked_up.status();
    SetStringLabels(*std::move(looked_up), *decision);
    return One(*std::move(decision));
  }
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  std::vector<std::int64_t> integers;
  for (const double number : numbers->values) {
    if (!(number > -9e15 && number < 9e15)) {
      return absl::UnimplementedError(absl::StrCat("the label ", number, " is no integer"));
    }
    integers.push_back(static_cast<std::int64_t>(number));
  }
  auto looked_up = Select(indices, integers, operands.conversion.limits);
  if (!looked_up.ok()) return looked_up.status();
  decision->integer_labels = *std::move(looked_up);
  return One(*std::move(decision));
}

const std::vector<OnnxOperator>& LabelOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"ArgMax",
       "",
       1,
       1,
       {{"axis", AttributeProto::INT},
        {"keepdims", AttributeProto::INT},
        {"select_last_index", AttributeProto::INT}},
       ArgMax},
      {"Binarizer", "ai.onnx.ml", 1, 1, {{"threshold", AttributeProto::FLOAT}}, Binarizer},
      {"LabelEncoder",
       "ai.onnx.ml",
       1,
       1,
       {{"default_int64", AttributeProto::INT},
        {"default_string", AttributeProto::STRING},
        {"keys_int64s", AttributeProto::INTS},
        {"values_int64s", AttributeProto::INTS},
        {"values_strings", AttributeProto::STRINGS}},
       LabelEncoder},
      {"ZipMap",
       "ai.onnx.ml",
       1,
       1,
       {{"classlabels_int64s", AttributeProto::INTS},
        {"classlabels_strings", AttributeProto::STRINGS}},
       ZipMap},
  };
  return *operators;
}

}  // namespace mlp
