#include "model/formats/onnx/operators/label_mapping.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/utf8.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kDefaultWord[] = "_Unused";

template <typename Strings>
absl::StatusOr<LabelSide> WordsOf(const Operands& operands, const Strings& strings) {
  LabelSide side;
  side.words = true;
  side.datatype = Datatype::kBytes;
  for (const std::string& word : strings) {
    const auto bytes = static_cast<std::int64_t>(sizeof(std::string) + word.size());
    if (auto status = TakeMappingBytes(operands, bytes); !status.ok()) return status;
    if (!IsUtf8(word)) {
      return NoUtf8("the string", word);
    }
    side.strings.push_back(word);
  }
  return side;
}

template <typename Numbers>
absl::StatusOr<LabelSide> NumbersOf(const Operands& operands, const Numbers& numbers,
                                    Datatype datatype) {
  const auto bytes = static_cast<std::int64_t>(sizeof(double)) * numbers.size();
  if (auto status = TakeMappingBytes(operands, bytes); !status.ok()) return status;
  LabelSide side;
  side.datatype = datatype;
  side.numbers.assign(numbers.begin(), numbers.end());
  return side;
}

// The keys or the values, from whichever of its attributes is given; nothing if none is.
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

// The value for unknown keys, in the type of the values.
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
      return NoUtf8("the string", side.strings[0]);
    }
    return side;
  }
  if (tensor != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers({&tensor->t()}, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("attribute 'default_tensor' has ",
                                                     CountText(numbers->values.size(), "value"),
                                                     "; expected one"));
    }
    side.numbers = numbers->values;
  } else if (IsFloatingPoint(values.datatype)) {
    side.numbers = {FloatAttribute(operands.node, "default_float", -0.0F)};
  } else {
    side.numbers = {static_cast<double>(IntegerAttribute(operands.node, "default_int64", -1))};
  }
  return side;
}

// One list of strings and one of integers, or else their positions. The input matches either list.
absl::StatusOr<LabelMapping> MappingOfLists(const Operands& operands, absl::string_view strings,
                                            absl::string_view integers, bool of_strings) {
  const AttributeProto* words = FindAttribute(operands.node, strings);
  if (words == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no attribute '", strings, "'; expected its list of strings"));
  }
  absl::StatusOr<LabelSide> names = WordsOf(operands, words->strings());
  if (!names.ok()) return names.status();
  LabelSide numbers;
  if (!integers.empty()) {
    const AttributeProto* given = FindAttribute(operands.node, integers);
    if (given == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("it has no attribute '", integers, "'; expected its list of integers"));
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

}  // namespace

absl::Status TakeMappingBytes(const Operands& operands, std::int64_t bytes) {
  return TakeBytes("its keys and values", bytes, operands.conversion.limits);
}

absl::StatusOr<LabelMapping> LabelMappingOf(const Operands& operands, bool of_strings) {
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
      return absl::InvalidArgumentError(
          "it has no keys or no values; expected the same number of each");
    }
    mapping->keys = **std::move(keys);
    mapping->values = **std::move(values);
  }
  if (!mapping.ok()) return mapping;
  if (mapping->keys.size() != mapping->values.size() || mapping->keys.size() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(mapping->keys.size(), "key"), " and ",
                     CountText(mapping->values.size(), "value"),
                     "; expected the same number of each, at least one"));
  }
  if (mapping->keys.words != of_strings) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it maps ", mapping->keys.words ? "strings" : "numbers", ", but its input has ",
        of_strings ? "strings" : "numbers", "; expected the same"));
  }
  absl::StatusOr<LabelSide> default_value = OtherwiseOf(operands, mapping->values);
  if (!default_value.ok()) return default_value.status();
  mapping->default_value = *std::move(default_value);
  return mapping;
}

}  // namespace mlp
