#include "model/formats/onnx/operators/shape_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

// An integer, or a multiple of the number of rows.
struct Extent {
  explicit Extent(std::int64_t entry)
      : times(TimesOfBatch(entry)), number(times == 0 ? entry : 0) {}

  std::int64_t entry() const { return times == 0 ? number : BatchTimes(times); }

  std::int64_t times = 0;
  std::int64_t number = 0;
};

constexpr std::int64_t kMaxNumber = std::int64_t{1} << 40;

std::optional<std::int64_t> Times(std::int64_t times) {
  if (times < 1 || times > kMaxBatchTimes) return std::nullopt;
  return BatchTimes(times);
}

// -1, 0 or 1 if `a` is less than, equal to or greater than `b` for any number of rows from 1 on.
std::optional<int> Order(const Extent& a, const Extent& b, std::int64_t static_batch) {
  const auto order = [](std::int64_t x, std::int64_t y) { return x < y ? -1 : (x > y ? 1 : 0); };
  if (a.times == 0 && b.times == 0) return order(a.number, b.number);
  if (a.times != 0 && b.times != 0) return order(a.times, b.times);
  if (static_batch > 0) {
    return order(a.number + a.times * static_batch, b.number + b.times * static_batch);
  }
  if (a.times != 0 && b.number < a.times) return 1;
  if (b.times != 0 && a.number < b.times) return -1;
  return std::nullopt;
}

std::optional<std::int64_t> Computed(absl::string_view type, const Extent& a, const Extent& b,
                                     std::int64_t static_batch) {
  if (std::abs(a.number) > kMaxNumber || std::abs(b.number) > kMaxNumber) return std::nullopt;
  const bool numbers = a.times == 0 && b.times == 0;
  if (type == "Mul") {
    if (numbers) {
      if (std::abs(a.number) > (1 << 20) && std::abs(b.number) > (1 << 20)) return std::nullopt;
      return a.number * b.number;
    }
    if (a.times != 0 && b.times != 0) return std::nullopt;
    if (a.number + b.number == 0) return 0;
    if (a.number + b.number > kMaxBatchTimes) return std::nullopt;
    return Times((a.times + b.times) * (a.number + b.number));
  }
  if (type == "Div") {
    if (b.times == 0 && b.number == 0) return std::nullopt;
    if (numbers) return a.number / b.number;
    if (b.times != 0) {
      if (a.times == 0 || a.times % b.times != 0) return std::nullopt;
      return a.times / b.times;
    }
    if (b.number < 1 || a.times % b.number != 0) return std::nullopt;
    return Times(a.times / b.number);
  }
  if (type == "Add" || type == "Sub") {
    const std::int64_t sign = type == "Add" ? 1 : -1;
    const std::int64_t times = a.times + sign * b.times;
    const std::int64_t number = a.number + sign * b.number;
    if (times == 0) return number;
    if (number != 0) return std::nullopt;
    return Times(times);
  }
  const std::optional<int> order = Order(a, b, static_batch);
  if (!order.has_value()) return std::nullopt;
  if (type == "Max") return (*order >= 0 ? a : b).entry();
  if (type == "Min") return (*order <= 0 ? a : b).entry();
  if (type == "Equal") return *order == 0 ? 1 : 0;
  if (type == "Greater") return *order > 0 ? 1 : 0;
  if (type == "GreaterOrEqual") return *order >= 0 ? 1 : 0;
  if (type == "Less") return *order < 0 ? 1 : 0;
  return *order <= 0 ? 1 : 0;  // LessOrEqual
}

bool IsOfTwo(absl::string_view type) {
  for (const char* name : {"Add", "Div", "Equal", "Greater", "GreaterOrEqual", "Less",
                           "LessOrEqual", "Max", "Min", "Mul", "Sub"}) {
    if (type == name) return true;
  }
  return false;
}

// A list of integers, or a single integer.
struct Entries {
  std::vector<std::int64_t> entries;
  bool scalar = false;
};

// Nothing if the input is not such a list or has fractions.
std::optional<Entries> EntriesAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value == nullptr) return std::nullopt;
  if (const auto* list = std::get_if<ShapeList>(value)) return Entries{list->entries, list->scalar};
  if (!std::holds_alternative<OnnxConstant>(*value)) return std::nullopt;
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, index);
  if (!numbers.ok() || numbers->dimensions.size() > 1) return std::nullopt;
  Entries entries{{}, numbers->dimensions.empty()};
  for (const double number : numbers->values) {
    if (!(std::fabs(number) < 1e15) || number != std::trunc(number)) return std::nullopt;
    entries.entries.push_back(static_cast<std::int64_t>(number));
  }
  return entries;
}

bool HoldsRows(const OnnxValue* value) {
  const auto* list = value == nullptr ? nullptr : std::get_if<ShapeList>(value);
  return list != nullptr &&
         std::any_of(list->entries.begin(), list->entries.end(),
                     [](std::int64_t entry) { return TimesOfBatch(entry) != 0; });
}

absl::StatusOr<OnnxValues> FoldLists(const Operands& operands) {
  const std::string& type = operands.node.op_type();
  std::vector<Entries> lists;
  std::size_t length = 1;
  bool scalar = true;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    std::optional<Entries> entries = EntriesAt(operands, i);
    if (!entries.has_value()) return NeedsNumberOfRows();
    if (entries->entries.size() != 1) length = entries->entries.size();
    scalar = scalar && entries->scalar;
    lists.push_back(*std::move(entries));
  }
  ShapeList made{{}, scalar};
  for (std::size_t k = 0; k < length; ++k) {
    std::vector<std::int64_t> at;
    for (const Entries& list : lists) {
      if (list.entries.size() != 1 && list.entries.size() != length) {
        return absl::InvalidArgumentError(
            absl::StrCat("its lists have ", CountText(list.entries.size(), "value"), " and ",
                         length, "; expected the same number, or one"));
      }
      at.push_back(list.entries[list.entries.size() == 1 ? 0 : k]);
    }
    if (type == "Where") {
      if (TimesOfBatch(at[0]) != 0) return NeedsNumberOfRows();
      made.entries.push_back(at[0] != 0 ? at[1] : at[2]);
      continue;
    }
    std::optional<std::int64_t> value = at[0];
    for (std::size_t i = 1; i < at.size() && value.has_value(); ++i) {
      value = Computed(type, Extent(*value), Extent(at[i]), operands.conversion.static_batch);
    }
    if (!value.has_value()) return NeedsNumberOfRows();
    made.entries.push_back(*value);
  }
  return SingleValue(std::move(made));
}

// The product of a list: the number of values in a tensor.
absl::StatusOr<OnnxValues> FoldProduct(const Operands& operands) {
  std::int64_t product = 1;
  for (const std::int64_t entry : std::get<ShapeList>(*operands.At(0)).entries) {
    const auto value =
        Computed("Mul", Extent(product), Extent(entry), operands.conversion.static_batch);
    if (!value.has_value()) return NeedsNumberOfRows();
    product = *value;
  }
  return SingleValue(ShapeList{{product}, IntegerAttribute(operands.node, "keepdims", 1) == 0});
}

absl::StatusOr<OnnxValues> FoldOneHot(const Operands& operands) {
  std::vector<ConstantTensor<double>> inputs;
  for (std::size_t i = 0; i < 3; ++i) {
    absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, i);
    if (!numbers.ok()) return numbers.status();
    inputs.push_back(*std::move(numbers));
  }
  const auto rank = static_cast<std::int64_t>(inputs[0].dimensions.size());
  const absl::StatusOr<std::int64_t> axis =
      PlaceOfAxis(IntegerAttribute(operands.node, "axis", -1), rank + 1);
  if (!axis.ok()) return axis.status();
  const bool sized = inputs[1].values.size() == 1 && inputs[1].values[0] >= 1.0 &&
                     inputs[1].values[0] <= static_cast<double>(Network::kMaxWidth);
  if (!sized || inputs[2].values.size() != 2) {
    return absl::UnimplementedError(absl::StrCat(
        "it has a depth of ", CountText(inputs[1].values.size(), "value"), " and ",
        CountText(inputs[2].values.size(), "value"), " to write; supported are a depth from 1 to ",
        Network::kMaxWidth, " and [off, on]"));
  }
  const auto depth = static_cast<std::int64_t>(inputs[1].values[0]);
  WholeShape shape{inputs[0].dimensions};
  shape.dimensions.insert(shape.dimensions.begin() + *axis, depth);
  const std::vector<std::int64_t> own = StridesOf(inputs[0].dimensions);
  const absl::StatusOr<Wiring> wiring =
      MakeWiring(operands, std::move(shape), [&](absl::Span<const std::int64_t> place) {
        std::vector<std::int64_t> from(place.begin(), place.end());
        from.erase(from.begin() + *axis);
        const double index = inputs[0].values[static_cast<std::size_t>(UnitAt(from, own))];
        const double at = index < 0.0 ? index + static_cast<double>(depth) : index;
        return at == static_cast<double>(place[static_cast<std::size_t>(*axis)]) ? 1 : 0;
      });
  if (!wiring.ok()) return wiring.status();
  std::vector<double> values;
  for (const std::int32_t unit : wiring->units) {
    values.push_back(inputs[2].values[static_cast<std::size_t>(unit)]);
  }
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, wiring->shape.dimensions, values, TypeOfConstantAt(operands, 2));
  if (!made.ok()) return made.status();
  return SingleValue(*made);
}

}  // namespace

std::optional<absl::StatusOr<OnnxValues>> FoldShapes(const Operands& operands) {
  if (!operands.node.domain().empty() && operands.node.domain() != "ai.onnx") return std::nullopt;
  const std::string& type = operands.node.op_type();
  const bool any_rows = std::any_of(operands.inputs.begin(), operands.inputs.end(), HoldsRows);
  const auto is_constant = [](const OnnxValue* value) {
    return value != nullptr && (std::holds_alternative<OnnxConstant>(*value) ||
                                std::holds_alternative<ShapeList>(*value));
  };
  const bool all_constant =
      std::all_of(operands.inputs.begin(), operands.inputs.end(), is_constant);
  if (!all_constant || operands.inputs.empty()) return std::nullopt;
  const std::size_t count = operands.inputs.size();
  if (any_rows && ((IsOfTwo(type) && count >= 1) || (type == "Where" && count == 3))) {
    return FoldLists(operands);
  }
  if (any_rows && type == "ReduceProd" && HoldsRows(operands.At(0))) return FoldProduct(operands);
  if (type == "OneHot" && count == 3) return FoldOneHot(operands);
  return std::nullopt;
}

}  // namespace mlp
