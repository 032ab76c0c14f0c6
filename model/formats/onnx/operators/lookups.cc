#include "model/formats/onnx/operators/lookups.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/index_formula.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Up to this many entries, a square table is used; beyond, one-hot vectors are computed.
constexpr std::int64_t kMaxTableEntries = 512;

// A table for lookups: its entries span the dimensions other than the indexed one.
struct TableOfConstant {
  Lookup lookup;
  RowShape entry_shape;
  Datatype datatype = Datatype::kFp32;
};

// The words of a string tensor, as positions.
absl::StatusOr<std::vector<float>> PositionsOfWords(const Operands& operands,
                                                    const OnnxConstant& constant) {
  const auto& strings = constant.tensor->string_data();
  const absl::StatusOr<std::int64_t> count = CountOf(constant);
  if (!count.ok()) return count.status();
  if (*count != strings.size() || constant.transposed) {
    return absl::InvalidArgumentError(absl::StrCat(constant.Text(), " has ", strings.size(),
                                                   " strings; its dimensions expect ", *count));
  }
  std::vector<float> positions;
  for (const std::string& word : strings) {
    const absl::StatusOr<std::int64_t> position =
        operands.conversion.words.PositionOf(word, operands.conversion.limits);
    if (!position.ok()) return position.status();
    positions.push_back(static_cast<float>(*position));
  }
  return positions;
}

absl::StatusOr<TableOfConstant> TableAt(const Operands& operands, std::size_t index) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  TableOfConstant table;
  std::vector<std::int64_t> dimensions = constant->Dimensions();
  if (constant->tensor->data_type() == onnx::TensorProto::STRING) {
    absl::StatusOr<std::vector<float>> positions = PositionsOfWords(operands, *constant);
    if (!positions.ok()) return positions.status();
    table.lookup.table = *std::move(positions);
    table.datatype = Datatype::kBytes;
  } else if (const auto type = DatatypeOf(constant->tensor->data_type());
             type.has_value() && IsFloatingPoint(*type)) {
    absl::StatusOr<FloatTensor> floats = ReadFloats(*constant, operands.conversion.limits);
    if (!floats.ok()) return floats.status();
    table.datatype = *type;
    table.lookup.table = std::move(floats->values);
  } else {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers(*constant, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    if (auto status = CheckExactInFp32(numbers->values, constant->Text()); !status.ok()) {
      return status;
    }
    table.datatype = *DatatypeOf(constant->tensor->data_type());
    for (const double number : numbers->values) {
      table.lookup.table.push_back(static_cast<float>(number));
    }
  }
  if (dimensions.empty() || table.lookup.table.empty()) {
    return absl::UnimplementedError(
        absl::StrCat(constant->Text(), " has dimensions ", ShapeText(dimensions),
                     "; supported is a table [entries,...] of one entry or more to look up"));
  }
  table.entry_shape.assign(dimensions.begin() + 1, dimensions.end());
  table.lookup.width = WidthOf(table.entry_shape);
  return table;
}

// Whether labels are looked up in a list of labels, so that the result is labels too.
bool IsListOfLabels(const Operands& operands, const OnnxConstant& constant) {
  const auto& decision = std::get<Decision>(*operands.At(1));
  if (decision.kind != OutputKind::kLabel || decision.datatype == Datatype::kBytes) return false;
  const std::vector<std::int64_t> dimensions = constant.Dimensions();
  const std::size_t ones = operands.node.op_type() == "Gather" ? 0 : 1;
  if (dimensions.empty() || dimensions.size() > 1 + ones) return false;
  if (dimensions.size() == 2 && dimensions[0] != 1) return false;
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  return !datatype.has_value() || !IsFloatingPoint(*datatype);
}

absl::StatusOr<Signal> IndexSignalAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<Decision>(*value)) {
    return SignalOfDecision(operands, std::get<Decision>(*value));
  }
  return NumberSignalAt(operands, index);
}

// Computes one-hot vectors by comparing each entry's position with the value's.
absl::StatusOr<RowNodeId> AddComparedOneHot(const Operands& operands, const OneHotEntries& places,
                                            RowNodeId x, std::int64_t count) {
  const std::int64_t width = count * places.entries;
  const auto bytes = static_cast<std::int64_t>(sizeof(double) + sizeof(std::int32_t)) * width;
  if (auto status = TakeBytes("its one-hot vectors", bytes, operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  Lookup positions;
  std::vector<std::pair<float, float>> pairs;
  for (std::int64_t i = 0; i < places.entries; ++i) {
    const auto position = static_cast<float>(i);
    positions.table.push_back(position);
    if (!places.keys.empty()) {
      pairs.emplace_back(places.keys[static_cast<std::size_t>(i)], position);
    }
  }
  if (!pairs.empty()) positions = LookupOfPairs(std::move(pairs));
  if (!places.others_are_errors) positions.default_row = {-1.0F};
  const absl::StatusOr<RowNodeId> position = AddLookup(operands, std::move(positions), x, count);
  if (!position.ok()) return position.status();
  Selection repeated;
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < width; ++i) {
    repeated.units.push_back(static_cast<std::int32_t>(i / places.entries));
    numbers.push_back(static_cast<double>(i % places.entries));
  }
  const RowNodeId spread = AddRowOperation(operands, std::move(repeated), {*position}, width);
  const RowNodeId all = AddConstant(operands, std::move(numbers));
  const RowNodeId matches = AddElementwise(operands, "IsEqual", {spread, all}, {}, width);
  if (places.on == 1.0F && places.off == 0.0F) return matches;
  const RowNodeId on = AddConstant(operands, {places.on});
  const RowNodeId off = AddConstant(operands, {places.off});
  return AddElementwise(operands, "Where", {matches, on, off}, {}, width);
}

}  // namespace

absl::Status CheckMadeWidth(std::int64_t count, std::int64_t width) {
  if (count <= Network::kMaxWidth && width <= Network::kMaxWidth &&
      count * width <= Network::kMaxWidth) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(absl::StrCat("it makes rows of ", count, " times ",
                                               CountText(width, "value"), "; supported are 1 to ",
                                               Network::kMaxWidth));
}

absl::StatusOr<RowNodeId> AddLookup(const Operands& operands, Lookup lookup, RowNodeId x,
                                    std::int64_t count) {
  const std::int64_t width = lookup.width;
  if (auto status = CheckMadeWidth(count, width); !status.ok()) return status;
  const auto bytes = static_cast<std::int64_t>(
      (lookup.table.size() + lookup.keys.size() + lookup.default_row.size()) * sizeof(float));
  if (auto status = TakeBytes("its tables", bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  if (lookup.keys.empty()) {
    x = WithoutIndexing(operands.conversion, x, lookup.entries());
  }
  return AddRowOperation(operands, std::move(lookup), {x}, count * width);
}

absl::StatusOr<RowNodeId> AddOneHot(const Operands& operands, const OneHotEntries& places,
                                    RowNodeId x, std::int64_t count) {
  if (auto status = CheckMadeWidth(count, places.entries); !status.ok()) return status;
  if (places.entries > kMaxTableEntries) return AddComparedOneHot(operands, places, x, count);
  Lookup lookup;
  lookup.width = places.entries;
  const auto size = static_cast<std::size_t>(places.entries);
  lookup.table.assign(size * size, places.off);
  std::vector<std::pair<float, float>> order;
  for (std::size_t i = 0; i < size; ++i) {
    order.emplace_back(places.keys.empty() ? static_cast<float>(i) : places.keys[i],
                       static_cast<float>(i));
  }
  if (!places.keys.empty()) {
    Lookup sorted = LookupOfPairs(std::move(order));
    lookup.keys = std::move(sorted.keys);
    for (std::size_t i = 0; i < sorted.table.size(); ++i) {
      lookup.table[i * size + static_cast<std::size_t>(sorted.table[i])] = places.on;
    }
  } else {
    for (std::size_t i = 0; i < size; ++i) lookup.table[i * size + i] = places.on;
  }
  if (!places.others_are_errors) lookup.default_row.assign(size, places.off);
  return AddLookup(operands, std::move(lookup), x, count);
}

bool NamesEntries(const Operands& operands) {
  const OnnxValue* table = operands.At(0);
  const OnnxValue* index = operands.At(1);
  return table != nullptr && index != nullptr && std::holds_alternative<OnnxConstant>(*table) &&
         (std::holds_alternative<Signal>(*index) || std::holds_alternative<Decision>(*index));
}

absl::StatusOr<OnnxValues> GatherFromTable(const Operands& operands) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  if (std::holds_alternative<Decision>(*operands.At(1)) && IsListOfLabels(operands, *constant)) {
    return LookUpLabels(operands, 0, 1);
  }
  absl::StatusOr<TableOfConstant> table = TableAt(operands, 0);
  if (!table.ok()) return table.status();
  const absl::StatusOr<Signal> index = IndexSignalAt(operands, 1);
  if (!index.ok()) return index.status();
  Signal result;
  result.row_shape = index->row_shape;
  result.datatype = table->datatype;
  if (operands.node.op_type() == "ArrayFeatureExtractor") {
    // From a list or a matrix of one row: one entry for each index, in one row.
    if (table->entry_shape.size() > 1 ||
        (table->entry_shape.size() == 1 && constant->Dimensions()[0] != 1)) {
      return absl::UnimplementedError(
          absl::StrCat(constant->Text(), " has dimensions ", ShapeText(constant->Dimensions()),
                       "; supported is a list of entries, [count] or [1,count]"));
    }
    table->lookup.width = 1;
    table->entry_shape.clear();
    if (WidthOf(result.row_shape) != 1) {
      return absl::UnimplementedError(absl::StrCat(InputText(operands, 1), " has rows of shape ",
                                                   ShapeText(result.row_shape),
                                                   "; supported is one index a row"));
    }
  } else {
    const std::int64_t axis = IntegerAttribute(operands.node, "axis", 0);
    const auto rank = static_cast<std::int64_t>(constant->Dimensions().size());
    if (axis != 0 && axis != -rank) {
      return absl::UnimplementedError(
          absl::StrCat("it picks from a table by axis ", axis,
                       "; supported is axis 0, by which each index names an entry"));
    }
    result.row_shape.insert(result.row_shape.end(), table->entry_shape.begin(),
                            table->entry_shape.end());
  }
  const absl::StatusOr<RowNodeId> node =
      AddLookup(operands, std::move(table->lookup), index->node, WidthOf(index->row_shape));
  if (!node.ok()) return node.status();
  result.node = *node;
  return SingleValue(std::move(result));
}

Lookup LookupOfPairs(std::vector<std::pair<float, float>> pairs) {
  const auto comes_first = [](const auto& a, const auto& b) {
    return std::isnan(b.first) ? !std::isnan(a.first) : a.first < b.first;
  };
  std::stable_sort(pairs.begin(), pairs.end(), comes_first);
  Lookup lookup;
  for (const auto& [key, value] : pairs) {
    const bool twice =
        !lookup.keys.empty() &&
        (key == lookup.keys.back() || (std::isnan(key) && std::isnan(lookup.keys.back())));
    if (twice) continue;
    lookup.keys.push_back(key);
    lookup.table.push_back(value);
  }
  return lookup;
}

RowNodeId AddToInteger(const Operands& operands, RowNodeId x, Datatype to, std::int64_t width) {
  const auto [lowest, count] = TypeRangeOf(to);
  return AddElementwise(operands, "ToInteger", {x}, {lowest, count}, width);
}

}  // namespace mlp
