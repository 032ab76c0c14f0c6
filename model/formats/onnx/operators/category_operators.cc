// The operators that encode categories, which are integers or strings, as vectors.

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kMlDomain[] = "ai.onnx.ml";

// ---- OneHotEncoder ----

absl::StatusOr<std::vector<float>> CategoriesOf(const Operands& operands, bool of_strings) {
  const AttributeProto* integers = FindAttribute(operands.node, "cats_int64s");
  const AttributeProto* strings = FindAttribute(operands.node, "cats_strings");
  const AttributeProto* given = of_strings ? strings : integers;
  const int count = given == nullptr ? 0 : given->ints_size() + given->strings_size();
  if (count == 0 || (integers != nullptr && integers->ints_size() > 0 && of_strings)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has no categories that are ", of_strings ? "strings" : "numbers",
                     "; expected some, as its input has ", of_strings ? "strings" : "numbers"));
  }
  if (auto status = TakeBytes("its categories", count * static_cast<std::int64_t>(sizeof(float)),
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  std::vector<float> keys;
  for (const std::string& word : given->strings()) {
    const absl::StatusOr<std::int64_t> position =
        operands.conversion.words.PositionOf(word, operands.conversion.limits);
    if (!position.ok()) return position.status();
    keys.push_back(static_cast<float>(*position));
  }
  for (const std::int64_t integer : given->ints()) {
    if (std::fabs(static_cast<double>(integer)) > kGreatestExactInteger) {
      return InexactInteger("the category", integer);
    }
    keys.push_back(static_cast<float>(integer));
  }
  if (std::set<float>(keys.begin(), keys.end()).size() != keys.size()) {
    return absl::InvalidArgumentError("a category occurs twice; expected each once");
  }
  return keys;
}

absl::StatusOr<OnnxValues> OneHotEncoder(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<std::vector<float>> categories =
      CategoriesOf(operands, x->datatype == Datatype::kBytes);
  if (!categories.ok()) return categories.status();
  const std::int64_t count = WidthOf(x->row_shape);
  RowNodeId node = x->node;
  // Categories are integers, so floats are cast to integers.
  if (IsFloatingPoint(x->datatype)) node = AddToInteger(operands, node, Datatype::kInt64, count);
  OneHotEntries places;
  places.entries = static_cast<std::int64_t>(categories->size());
  places.keys = *std::move(categories);
  places.others_are_errors = IntegerAttribute(operands.node, "zeros", 1) == 0;
  const absl::StatusOr<RowNodeId> encoded = AddOneHot(operands, places, node, count);
  if (!encoded.ok()) return encoded.status();
  x->row_shape.push_back(places.entries);
  x->datatype = Datatype::kFp32;
  return WithNode(*std::move(x), *encoded);
}

// ---- OneHot ----

absl::StatusOr<double> OneNumberAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    const auto& list = std::get<ShapeList>(*value);
    if (list.entries.size() == 1) return static_cast<double>(list.entries[0]);
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (numbers->values.size() == 1) return numbers->values[0];
  return absl::InvalidArgumentError(absl::StrCat(
      constant->Text(), " has ", CountText(numbers->values.size(), "value"), "; expected one"));
}

// Moves the depth of [count, depth], a row of `shape`, from the end to `place`.
RowNodeId MoveDepth(const Operands& operands, RowNodeId encoded, const RowShape& shape,
                    std::size_t place, std::int64_t depth) {
  const std::int64_t count = WidthOf(shape);
  if (place == shape.size()) return encoded;
  const std::int64_t behind =
      WidthOf({shape.begin() + static_cast<std::ptrdiff_t>(place), shape.end()});
  Selection moved;
  for (std::int64_t unit = 0; unit < count * depth; ++unit) {
    const std::int64_t inner = unit % behind;
    const std::int64_t entry = unit / behind % depth;
    const std::int64_t outer = unit / behind / depth;
    moved.units.push_back(static_cast<std::int32_t>((outer * behind + inner) * depth + entry));
  }
  return AddRowOperation(operands, std::move(moved), {encoded}, count * depth);
}

absl::StatusOr<OnnxValues> OneHot(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<double> depth = OneNumberAt(operands, 1);
  if (!depth.ok()) return depth.status();
  if (!(*depth >= 1 && *depth <= static_cast<double>(Network::kMaxWidth))) {
    return absl::UnimplementedError(
        absl::StrCat("its depth is ", *depth, "; supported are 1 to ", Network::kMaxWidth));
  }
  const absl::StatusOr<OnnxConstant> values = ConstantAt(operands, 2);
  if (!values.ok()) return values.status();
  const absl::StatusOr<ConstantTensor<double>> off_and_on =
      ReadNumbers(*values, operands.conversion.limits);
  if (!off_and_on.ok()) return off_and_on.status();
  if (off_and_on->values.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(InputText(operands, 2), " has ",
                                                   CountText(off_and_on->values.size(), "value"),
                                                   "; expected [off, on]"));
  }
  const auto rank = static_cast<std::int64_t>(x->row_shape.size()) + 2;  // of the result
  const std::int64_t given = IntegerAttribute(operands.node, "axis", -1);
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (axis < 1 || axis >= rank) {
    return absl::UnimplementedError(absl::StrCat(
        "axis ", given,
        " puts the classes at the batch's place; supported are axes after it, from 1 on, or -1"));
  }
  if (IsLongInteger(*DatatypeOf(values->tensor->data_type()))) {
    if (auto status = CheckExactInFp32(off_and_on->values, values->Text()); !status.ok()) {
      return status;
    }
  }
  OneHotEntries places;
  places.entries = static_cast<std::int64_t>(*depth);
  places.off = static_cast<float>(off_and_on->values[0]);
  places.on = static_cast<float>(off_and_on->values[1]);
  const std::int64_t count = WidthOf(x->row_shape);
  const absl::StatusOr<RowNodeId> encoded = AddOneHot(operands, places, x->node, count);
  if (!encoded.ok()) return encoded.status();
  const auto place = static_cast<std::size_t>(axis - 1);
  const RowNodeId moved = MoveDepth(operands, *encoded, x->row_shape, place, places.entries);
  x->row_shape.insert(x->row_shape.begin() + static_cast<std::ptrdiff_t>(place), places.entries);
  x->datatype = *DatatypeOf(values->tensor->data_type());
  return WithNode(*std::move(x), moved);
}

}  // namespace

const std::vector<OnnxOperator>& CategoryOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"OneHot", "", 3, 3, {{"axis", AttributeProto::INT}}, OneHot},
      {"OneHotEncoder",
       kMlDomain,
       1,
       1,
       {{"cats_int64s", AttributeProto::INTS},
        {"cats_strings", AttributeProto::STRINGS},
        {"zeros", AttributeProto::INT}},
       OneHotEncoder},
  };
  return *operators;
}

}  // namespace mlp
