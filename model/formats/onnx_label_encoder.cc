// LabelEncoder in all its versions, and CategoryMapper: tables from integers, floats or strings to
// integers, floats or strings.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_lookups.h"
#include "model/formats/onnx_operands.h"
#include "model/quote.h"
#include "model/utf8.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kDefaultWord[] = "_Unused";

// One side of a mapping: numbers, or words.
struct LabelSide {
  bool words = false;
  std::vector<double> numbers;
  std::vector<std::string> strings;
  Datatype datatype = Datatype::kInt64;

  std::size_t size() const { return words ? strings.size() : numbers.size(); }
};

struct LabelMapping {
  LabelSide keys;
  LabelSide values;
  LabelSide otherwise;  // of one value
};

absl::Status Take(const Operands& operands, std::int64_t bytes) {
  return TakeBytes("its keys and values", bytes, operands.conversion.limits);
}

template <typename Strings>
absl::StatusOr<LabelSide> WordsOf(const Operands& operands, const Strings& strings) {
  LabelSide side;
  side.words = true;
  side.datatype = Datatype::kBytes;
  for (const std::string& word : strings) {
    const auto bytes = static_cast<std::int64_t>(sizeof(std::string) + word.size());
    if (auto status = Take(operands, bytes); !status.ok()) return status;
    if (!IsUtf8(word)) {
      return absl::InvalidArgumentError(absl::StrCat("the string ", Quote(word), " is no UTF-8"));
    }
    side.strings.push_back(word);
  }
  return side;
}

template <typename Numbers>
absl::StatusOr<LabelSide> NumbersOf(const Operands& operands, const Numbers& numbers,
                                    Datatype datatype) {
  const auto bytes = static_cast<std::int64_t>(sizeof(double)) * numbers.size();
  if (auto status = Take(operands, bytes); !status.ok()) return status;
  LabelSide side;
  side.datatype = datatype;
  side.numbers.assign(numbers.begin(), numbers.end());
  return side;
}

// The keys or the values, in whichever of its attributes they are; none where in none.
absl::StatusOr<std::optional<LabelSide>> SideOf(const Operands& operands, absl::string_view name) {
  absl::StatusOr<LabelSide> side;
  const AttributeProto* tensor = FindAttribute(operands.node, absl::StrCat(name, "_tensor"));
  const AttributeProto* strings = FindAttribute(operands.node, absl::StrCat(name, "_strings"));
  const AttributeProto* integers = FindAttribute(operands.node, absl::StrCat(name, "_int64s"));
  const AttributeProto* floats = FindAttribute(operands.node, absl::StrCat(name, "_floats"));
  if (tensor != nullptr && tensor->t().data_type() == onnx::TensorProto::STRING) {
    side = WordsOf(operands, tensor->t().string_data());
  } else if (tensor != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers({&tensor->t()}, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    side = NumbersOf(operands, absl::MakeConstSpan(numbers->values),
                     *DatatypeOf(tensor->t().data_type()));
  } else if (strings != nullptr && strings->strings_size() > 0) {
    side = WordsOf(operands, strings->strings());
  } else if (integers != nullptr && integers->ints_size() > 0) {
    side = NumbersOf(operands, integers->ints(), Datatype::kInt64);
  } else if (floats != nullptr && floats->floats_size() > 0) {
    side = NumbersOf(operands, floats->floats(), Datatype::kFp32);
  } else {
    return std::optional<LabelSide>();
  }
  if (!side.ok()) return side.status();
  return std::optional<LabelSide>(*std::move(side));
}

// What stands for keys that there are not, in the values' type.
absl::StatusOr<LabelSide> OtherwiseOf(const Operands& operands, const LabelSide& values) {
  LabelSide side;
  side.words = values.words;
  side.datatype = values.datatype;
  const AttributeProto* tensor = FindAttribute(operands.node, "default_tensor");
  if (values.words) {
    const AttributeProto* word = FindAttribute(operands.node, "default_string");
    side.strings = {word == nullptr ? kDefaultWord : word->s()};
    if (tensor != nullptr && tensor->t().string_data_size() == 1) {
      side.strings = {tensor->t().string_data(0)};
    }
    if (!IsUtf8(side.strings[0])) {
      return absl::InvalidArgumentError(
          absl::StrCat("the string ", Quote(side.strings[0]), " is no UTF-8"));
    }
    return side;
  }
  if (tensor != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers({&tensor->t()}, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attribute 'default_tensor' has ", numbers->values.size(), " values; expected one"));
    }
    side.numbers = numbers->values;
  } else if (IsFloatingPoint(values.datatype)) {
    side.numbers = {FloatAttribute(operands.node, "default_float", -0.0F)};
  } else {
    side.numbers = {static_cast<double>(IntegerAttribute(operands.node, "default_int64", -1))};
  }
  return side;
}

// Lists of strings, and of integers or else their positions, of which the input has either.
absl::StatusOr<LabelMapping> MappingOfLists(const Operands& operands, absl::string_view strings,
                                            absl::string_view integers, bool of_strings) {
  const AttributeProto* words = FindAttribute(operands.node, strings);
  if (words == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("it has no attribute '", strings, "'"));
  }
  absl::StatusOr<LabelSide> names = WordsOf(operands, words->strings());
  if (!names.ok()) return names.status();
  LabelSide numbers;
  if (!integers.empty()) {
    const AttributeProto* given = FindAttribute(operands.node, integers);
    if (given == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("it has no attribute '", integers, "'"));
    }
    absl::StatusOr<LabelSide> side = NumbersOf(operands, given->ints(), Datatype::kInt64);
    if (!side.ok()) return side.status();
    numbers = *std::move(side);
  } else {
    for (std::size_t i = 0; i < names->size(); ++i) {
      numbers.numbers.push_back(static_cast<double>(i));
    }
  }
  LabelMapping mapping;
  mapping.keys = of_strings ? *names : numbers;
  mapping.values = of_strings ? std::move(numbers) : *std::move(names);
  return mapping;
}

absl::StatusOr<LabelMapping> MappingOf(const Operands& operands, bool of_strings) {
  absl::StatusOr<LabelMapping> mapping = LabelMapping();
  if (operands.node.op_type() == "CategoryMapper") {
    mapping = MappingOfLists(operands, "cats_strings", "cats_int64s", of_strings);
  } else if (FindAttribute(operands.node, "classes_strings") != nullptr) {
    mapping = MappingOfLists(operands, "classes_strings", "", of_strings);
  } else {
    absl::StatusOr<std::optional<LabelSide>> keys = SideOf(operands, "keys");
    if (!keys.ok()) return keys.status();
    absl::StatusOr<std::optional<LabelSide>> values = SideOf(operands, "values");
    if (!values.ok()) return values.status();
    if (!keys->has_value() || !values->has_value()) {
      return absl::InvalidArgumentError("it has no keys or no values; expected as many of each");
    }
    mapping->keys = **std::move(keys);
    mapping->values = **std::move(values);
  }
  if (!mapping.ok()) return mapping;
  if (mapping->keys.size() != mapping->values.size() || mapping->keys.size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", mapping->keys.size(), " keys and ",
                                                   mapping->values.size(),
                                                   " values; expected as many of each"));
  }
  if (mapping->keys.words != of_strings) {
    return absl::InvalidArgumentError(
        absl::StrCat("it maps ", mapping->keys.words ? "strings" : "numbers",
                     ", but its input has ", of_strings ? "strings" : "numbers"));
  }
  absl::StatusOr<LabelSide> otherwise = OtherwiseOf(operands, mapping->values);
  if (!otherwise.ok()) return otherwise.status();
  mapping->otherwise = *std::move(otherwise);
  return mapping;
}

// Each as FP32 has it: a number, or a word's position.
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
      return absl::UnimplementedError(
          absl::StrCat("it has the integer ", static_cast<std::int64_t>(number),
                       "; supported are integers up to 2^24, as networks are evaluated in FP32"));
    }
    floats.push_back(static_cast<float>(number));
  }
  return floats;
}

absl::StatusOr<OnnxValues> EncodeSignal(const Operands& operands, Signal x) {
  const absl::StatusOr<LabelMapping> mapping = MappingOf(operands, x.datatype == Datatype::kBytes);
  if (!mapping.ok()) return mapping.status();
  const absl::StatusOr<std::vector<float>> keys = FloatsOf(operands, mapping->keys);
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<std::vector<float>> values = FloatsOf(operands, mapping->values);
  if (!values.ok()) return values.status();
  absl::StatusOr<std::vector<float>> otherwise = FloatsOf(operands, mapping->otherwise);
  if (!otherwise.ok()) return otherwise.status();
  std::vector<std::pair<float, float>> pairs;
  // Up to version 3 a NaN is not equal to the key NaN, as ONNX Runtime has it.
  constexpr std::int64_t kFirstWithNan = 4;
  const bool nan_is_key = operands.conversion.ml_opset >= kFirstWithNan;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    if (nan_is_key || !std::isnan((*keys)[i])) pairs.emplace_back((*keys)[i], (*values)[i]);
  }
  if (pairs.empty()) return absl::InvalidArgumentError("all of its keys are NaN");
  Lookup lookup = LookupOfPairs(std::move(pairs));
  lookup.otherwise = *std::move(otherwise);
  const absl::StatusOr<RowNodeId> node =
      AddLookup(operands, std::move(lookup), x.node, WidthOf(x.row_shape));
  if (!node.ok()) return node.status();
  x.datatype = mapping->values.datatype;
  return Replaced(std::move(x), *node);
}

// Labels are replaced by others.
absl::StatusOr<OnnxValues> EncodeDecision(const Operands& operands, Decision decision) {
  const bool of_strings = decision.datatype == Datatype::kBytes;
  const absl::StatusOr<LabelMapping> mapping = MappingOf(operands, of_strings);
  if (!mapping.ok()) return mapping.status();
  std::map<std::string, std::size_t> by_word;
  std::map<double, std::size_t> by_number;
  for (std::size_t i = 0; i < mapping->keys.size(); ++i) {
    if (of_strings) by_word.emplace(mapping->keys.strings[i], i);
    if (!of_strings) by_number.emplace(mapping->keys.numbers[i], i);
  }
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;
  const auto add = [&](std::optional<std::size_t> place) {
    const LabelSide& side = place.has_value() ? mapping->values : mapping->otherwise;
    if (side.words) strings.push_back(side.strings[place.value_or(0)]);
    if (!side.words) {
      integers.push_back(static_cast<std::int64_t>(side.numbers[place.value_or(0)]));
    }
    const std::size_t bytes =
        side.words ? sizeof(std::string) + strings.back().size() : sizeof(std::int64_t);
    return Take(operands, static_cast<std::int64_t>(bytes));
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
  return One(std::move(decision));
}

// Whether the mapping's values are labels: integers that int64 holds as double does, or strings.
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
