// The operators that tell labels from scores, most of them scikit-learn's.

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_operands.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

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
  operands.conversion.limits.bytes_left -= units * static_cast<std::int64_t>(sizeof(std::int64_t));
  if (operands.conversion.limits.bytes_left < 0) {
    return absl::InvalidArgumentError("its labels take many times the file's size");
  }
  for (std::int64_t unit = 0; unit < units; ++unit) decision.integer_labels.push_back(unit);
  decision.scores = *std::move(scores);
  return One(std::move(decision));
}

// The strings of a tensor or an attribute, for answers.
template <typename Strings>
absl::StatusOr<std::vector<std::string>> LabelsFrom(const Strings& strings) {
  for (const std::string& label : strings) {
    if (!IsUtf8(label)) {
      return absl::InvalidArgumentError(absl::StrCat("the label ", Quote(label), " is no UTF-8"));
    }
  }
  return std::vector<std::string>(strings.begin(), strings.end());
}

// Replaces each label, an index, by what stands there in a table.
template <typename Label>
absl::Status Select(const std::vector<std::int64_t>& indices, const std::vector<Label>& table,
                    std::vector<Label>& labels) {
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= static_cast<std::int64_t>(table.size())) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are ", table.size(), " labels, but one for ", index, " is needed"));
    }
    labels.push_back(table[static_cast<std::size_t>(index)]);
  }
  return absl::OkStatus();
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
  for (const std::int64_t label : decision->integer_labels) {
    const auto found = positions.find(label);
    if (found == positions.end()) {
      return absl::UnimplementedError(absl::StrCat("it has no key ", label));
    }
    indices.push_back(found->second);
  }
  decision->integer_labels.clear();
  if (integers != nullptr) {
    const std::vector<std::int64_t> table(integers->ints().begin(), integers->ints().end());
    if (auto status = Select(indices, table, decision->integer_labels); !status.ok()) return status;
  } else {
    const auto table = LabelsFrom(strings->strings());
    if (!table.ok()) return table.status();
    if (auto status = Select(indices, *table, decision->string_labels); !status.ok()) return status;
    decision->datatype = Datatype::kBytes;
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
  operands.conversion.warnings.push_back(
      absl::StrCat(NodeText(operands.node), " makes maps of the probabilities; they are served as ",
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
  const std::vector<std::int64_t> indices = std::move(decision->integer_labels);
  decision->integer_labels.clear();
  if (constant->tensor->data_type() == onnx::TensorProto::STRING) {
    const auto strings = LabelsFrom(constant->tensor->string_data());
    if (!strings.ok()) return strings.status();
    if (auto status = Select(indices, *strings, decision->string_labels); !status.ok()) {
      return status;
    }
    decision->datatype = Datatype::kBytes;
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
  if (auto status = Select(indices, integers, decision->integer_labels); !status.ok()) {
    return status;
  }
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
