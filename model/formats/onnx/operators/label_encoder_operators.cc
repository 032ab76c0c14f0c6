// LabelEncoder in all its versions, and CategoryMapper, for rows and for labels.

#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/label_mapping.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// Each entry as FP32: a number, or a word's position.
absl::StatusOr<std::vector<float>> FloatsOf(const Operands& operands, const LabelSide& side) {
  std::vector<float> floats;
  for (const std::string& word : side.strings) {
    const absl::StatusOr<std::int64_t> position =
        operands.conversion.words.PositionOf(word, operands.conversion.limits);
    if (!position.ok()) return position.status();
    floats.push_back(static_cast<float>(*position));
  }
  for (const double number : side.numbers) {
    if (!IsFloatingPoint(side.datatype) && std::fabs(number) > kGreatestExactInteger) {
      return InexactInteger("the key or value", static_cast<std::int64_t>(number));
    }
    floats.push_back(static_cast<float>(number));
  }
  return floats;
}

absl::StatusOr<OnnxValues> EncodeSignal(const Operands& operands, Signal x) {
  const absl::StatusOr<LabelMapping> mapping =
      LabelMappingOf(operands, x.datatype == Datatype::kBytes);
  if (!mapping.ok()) return mapping.status();
  const absl::StatusOr<std::vector<float>> keys = FloatsOf(operands, mapping->keys);
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<std::vector<float>> values = FloatsOf(operands, mapping->values);
  if (!values.ok()) return values.status();
  absl::StatusOr<std::vector<float>> default_row = FloatsOf(operands, mapping->default_value);
  if (!default_row.ok()) return default_row.status();
  std::vector<std::pair<float, float>> pairs;
  // Up to version 3, a NaN does not match the key NaN, as in ONNX Runtime.
  constexpr std::int64_t kFirstWithNan = 4;
  const bool nan_is_key = operands.conversion.ml_opset >= kFirstWithNan;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    if (nan_is_key || !std::isnan((*keys)[i])) pairs.emplace_back((*keys)[i], (*values)[i]);
  }
  if (pairs.empty()) {
    return absl::UnimplementedError(
        "all of its keys are nan, which equals no value before version 4; supported are tables "
        "with a key");
  }
  Lookup lookup = LookupOfPairs(std::move(pairs));
  lookup.default_row = *std::move(default_row);
  const absl::StatusOr<RowNodeId> node =
      AddLookup(operands, std::move(lookup), x.node, WidthOf(x.row_shape));
  if (!node.ok()) return node.status();
  x.datatype = mapping->values.datatype;
  return WithNode(std::move(x), *node);
}

// Replaces labels by others.
absl::StatusOr<OnnxValues> EncodeDecision(const Operands& operands, Decision decision) {
  const bool of_strings = decision.datatype == Datatype::kBytes;
  const absl::StatusOr<LabelMapping> mapping = LabelMappingOf(operands, of_strings);
  if (!mapping.ok()) return mapping.status();
  std::map<std::string, std::size_t> by_word;
  std::map<double, std::size_t> by_number;
  for (std::size_t i = 0; i < mapping->keys.size(); ++i) {
    if (of_strings) by_word.emplace(mapping->keys.strings[i], i);
    // No label is NaN, which a map could not order.
    if (!of_strings && !std::isnan(mapping->keys.numbers[i])) {
      by_number.emplace(mapping->keys.numbers[i], i);
    }
  }
  constexpr double kGreatestLabel = 9e18;
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;
  const auto add = [&](std::optional<std::size_t> place) -> absl::Status {
    const LabelSide& side = place.has_value() ? mapping->values : mapping->default_value;
    if (side.words) strings.push_back(side.strings[place.value_or(0)]);
    if (!side.words) {
      const double number = side.numbers[place.value_or(0)];
      if (!(std::fabs(number) <= kGreatestLabel)) {
        return absl::UnimplementedError(
            absl::StrCat("it makes the label ", number, "; supported are integers and strings"));
      }
      integers.push_back(static_cast<std::int64_t>(number));
    }
    const std::size_t bytes =
        side.words ? sizeof(std::string) + strings.back().size() : sizeof(std::int64_t);
    return TakeMappingBytes(operands, static_cast<std::int64_t>(bytes));
  };
  const auto place_in = [](const auto& places, const auto& key) {
    const auto found = places.find(key);
    return found == places.end() ? std::nullopt : std::optional<std::size_t>(found->second);
  };
  if (of_strings) {
    for (const std::string& label : *decision.string_labels) {
      if (auto status = add(place_in(by_word, label)); !status.ok()) return status;
    }
  } else {
    for (const std::int64_t label : *decision.integer_labels) {
      if (auto status = add(place_in(by_number, static_cast<double>(label))); !status.ok()) {
        return status;
      }
    }
  }
  decision.datatype = mapping->values.datatype;
  decision.integer_labels = std::make_shared<const std::vector<std::int64_t>>(std::move(integers));
  decision.string_labels = std::make_shared<const std::vector<std::string>>(std::move(strings));
  return SingleValue(std::move(decision));
}

// Whether the mapping's values are labels: integers or strings.
bool GivesLabels(const Operands& operands) {
  const AttributeProto* floats = FindAttribute(operands.node, "values_floats");
  const AttributeProto* tensor = FindAttribute(operands.node, "values_tensor");
  if (tensor == nullptr) return floats == nullptr || floats->floats_size() == 0;
  const std::optional<Datatype> datatype = DatatypeOf(tensor->t().data_type());
  return !datatype.has_value() || !IsFloatingPoint(*datatype);
}

absl::StatusOr<OnnxValues> LabelEncoder(const Operands& operands) {
  const OnnxValue* value = operands.At(0);
  if (value == nullptr || !std::holds_alternative<Decision>(*value)) {
    absl::StatusOr<Signal> x = SignalAt(operands, 0);
    if (!x.ok()) return x.status();
    return EncodeSignal(operands, *std::move(x));
  }
  const auto& decision = std::get<Decision>(*value);
  if (decision.kind == OutputKind::kLabel && GivesLabels(operands)) {
    return EncodeDecision(operands, decision);
  }
  absl::StatusOr<Signal> x = SignalOfDecision(operands, decision);
  if (!x.ok()) return x.status();
  return EncodeSignal(operands, *std::move(x));
}

}  // namespace

const std::vector<OnnxOperator>& LabelEncoderOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"CategoryMapper",
       "ai.onnx.ml",
       1,
       1,
       {{"cats_int64s", AttributeProto::INTS},
        {"cats_strings", AttributeProto::STRINGS},
        {"default_int64", AttributeProto::INT},
        {"default_string", AttributeProto::STRING}},
       LabelEncoder,
       true},
      {"LabelEncoder",
       "ai.onnx.ml",
       1,
       1,
       {{"classes_strings", AttributeProto::STRINGS},
        {"default_float", AttributeProto::FLOAT},
        {"default_int64", AttributeProto::INT},
        {"default_string", AttributeProto::STRING},
        {"default_tensor", AttributeProto::TENSOR},
        {"keys_floats", AttributeProto::FLOATS},
        {"keys_int64s", AttributeProto::INTS},
        {"keys_strings", AttributeProto::STRINGS},
        {"keys_tensor", AttributeProto::TENSOR},
        {"values_floats", AttributeProto::FLOATS},
        {"values_int64s", AttributeProto::INTS},
        {"values_strings", AttributeProto::STRINGS},
        {"values_tensor", AttributeProto::TENSOR}},
       LabelEncoder,
       true},
  };
  return *operators;
}

}  // namespace mlp
