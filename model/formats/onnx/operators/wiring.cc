#include "model/formats/onnx/operators/wiring.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using onnx::TensorProto;

// Rows with more parts than this are selected unit by unit.
constexpr std::size_t kMaxJoinedParts = 64;

// A run of consecutive units in one node, or of filled units.
struct Part {
  std::size_t node = 0;
  bool filled = false;
  std::int64_t first = 0;
  std::int64_t width = 0;
};

std::vector<Part> PartsOf(const RowGraph& graph, const std::vector<RowNodeId>& nodes,
                          const std::vector<std::int32_t>& units) {
  std::vector<std::int64_t> ends;
  std::int64_t end = 0;
  for (const RowNodeId node : nodes) ends.push_back(end += graph.At(node).width);
  std::vector<Part> parts;
  for (const std::int32_t unit : units) {
    Part part{0, unit == Wiring::kFilled, 0, 1};
    if (!part.filled) {
      const auto past = std::upper_bound(ends.begin(), ends.end(), std::int64_t{unit});
      part.node = static_cast<std::size_t>(past - ends.begin());
      part.first = unit - (part.node == 0 ? 0 : ends[part.node - 1]);
    }
    if (!parts.empty()) {
      Part& last = parts.back();
      const bool follows = last.node == part.node && part.first == last.first + last.width;
      if (last.filled == part.filled && (part.filled || follows)) {
        ++last.width;
        continue;
      }
    }
    parts.push_back(part);
  }
  return parts;
}

RowNodeId AddPart(const Operands& operands, RowNodeId node, std::int64_t first,
                  std::int64_t width) {
  const RowGraph& graph = operands.conversion.graph;
  if (first == 0 && width == graph.At(node).width) return node;
  if (graph.IsConstant(node)) {
    const std::vector<double>& values = graph.At(node).values;
    return AddConstant(operands, {values.begin() + first, values.begin() + first + width});
  }
  return AddSlice(operands, node, first, width);
}

RowNodeId AddJoined(const Operands& operands, std::vector<RowNodeId> nodes) {
  if (nodes.size() == 1) return nodes[0];
  RowNode joined = NewRowNode(operands, RowOperation::kConcat, 0);
  for (const RowNodeId node : nodes) joined.width += operands.conversion.graph.At(node).width;
  joined.operands = std::move(nodes);
  return operands.conversion.graph.Add(std::move(joined));
}

RowNodeId AddSelected(const Operands& operands, std::vector<RowNodeId> nodes,
                      const std::vector<std::int32_t>& units, double fill) {
  Selection selection{units};
  if (std::find(units.begin(), units.end(), Wiring::kFilled) != units.end()) {
    std::int64_t width = 0;
    for (const RowNodeId node : nodes) width += operands.conversion.graph.At(node).width;
    nodes.push_back(AddConstant(operands, {fill}));
    std::replace(selection.units.begin(), selection.units.end(), Wiring::kFilled,
                 static_cast<std::int32_t>(width));
  }
  const RowNodeId joined = AddJoined(operands, std::move(nodes));
  return AddRowOperation(operands, std::move(selection), {joined},
                         static_cast<std::int64_t>(units.size()));
}

absl::StatusOr<OnnxValue> WiredStrings(const Operands& operands, const TensorProto& tensor,
                                       const Wiring& wiring) {
  std::int64_t bytes = 0;
  for (const std::int32_t unit : wiring.units) {
    if (unit < 0 || unit >= tensor.string_data_size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          OnnxConstant{&tensor}.Text(), " has ", CountText(tensor.string_data_size(), "string"),
          "; expected the number that its dimensions give"));
    }
    bytes += static_cast<std::int64_t>(sizeof(std::string) + tensor.string_data(unit).size());
  }
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  TensorProto& made = operands.conversion.made_tensors.emplace_back();
  made.set_data_type(TensorProto::STRING);
  for (const std::int64_t dimension : wiring.shape.dimensions) made.add_dims(dimension);
  for (const std::int32_t unit : wiring.units) made.add_string_data(tensor.string_data(unit));
  return OnnxConstant{&made, false, wiring.shape.has_batch()};
}

absl::StatusOr<OnnxValue> WiredList(const Operands& operands, const ShapeList& list,
                                    const Wiring& wiring, double fill) {
  constexpr double kGreatestFill = 1e15;
  if (!(std::fabs(fill) <= kGreatestFill)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it fills a list of sizes up with ", fill, "; expected a size"));
  }
  std::vector<std::int64_t> entries;
  for (const std::int32_t unit : wiring.units) {
    entries.push_back(unit == Wiring::kFilled ? static_cast<std::int64_t>(fill)
                                              : list.entries[static_cast<std::size_t>(unit)]);
  }
  return IntegersOf(operands, wiring.shape.dimensions, std::move(entries));
}

absl::StatusOr<OnnxValue> WiredConstant(const Operands& operands, std::size_t index,
                                        const Wiring& wiring, double fill) {
  const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  const int type = constant->tensor->data_type();
  if (type == TensorProto::STRING && !constant->transposed) {
    return WiredStrings(operands, *constant->tensor, wiring);
  }
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, index);
  if (!numbers.ok()) return numbers.status();
  std::vector<double> values;
  values.reserve(wiring.units.size());
  for (const std::int32_t unit : wiring.units) {
    values.push_back(unit == Wiring::kFilled ? fill
                                             : numbers->values[static_cast<std::size_t>(unit)]);
  }
  absl::StatusOr<OnnxConstant> made = NewConstant(operands, wiring.shape.dimensions, values, type);
  if (!made.ok()) return made.status();
  if (!wiring.shape.has_batch()) return *made;
  if (wiring.shape.batch == 0 && wiring.shape.dimensions[0] == 1) {
    made->for_each_row = true;
    return *made;
  }
  Signal rows;
  rows.datatype = DatatypeOf(type).value_or(Datatype::kFp32);
  return WithWholeShape(rows, AddConstant(operands, std::move(values)), wiring.shape);
}

}  // namespace

absl::StatusOr<Wiring> MakeWiring(const Operands& operands, WholeShape shape, WiredUnit unit_at) {
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape.dimensions) {
    // Constants may be empty, but a row has at least one value.
    const bool is_size = dimension >= (shape.has_batch() ? 1 : 0);
    if (is_size && dimension <= Network::kMaxWidth) count *= dimension;
    if (is_size && dimension <= Network::kMaxWidth && count <= Network::kMaxWidth) continue;
    return absl::UnimplementedError(absl::StrCat("it makes a tensor of shape ", TextOf(shape),
                                                 "; supported are 1 to ", Network::kMaxWidth,
                                                 " values in a row"));
  }
  operands.conversion.wired_units_left -= count;
  if (operands.conversion.wired_units_left < 0) {
    return absl::UnimplementedError(
        "the values that the file's nodes pick, permute and repeat are more than 268435456, the "
        "most that are supported");
  }
  Wiring wiring{std::move(shape), {}};
  wiring.units.reserve(static_cast<std::size_t>(count));
  std::vector<std::int64_t> place(wiring.shape.dimensions.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t unit = unit_at(place);
    if (unit > std::numeric_limits<std::int32_t>::max()) {
      return absl::UnimplementedError(absl::StrCat("it picks a value at position ", unit,
                                                   "; supported are positions below ",
                                                   std::numeric_limits<std::int32_t>::max()));
    }
    wiring.units.push_back(static_cast<std::int32_t>(unit));
    for (std::size_t k = place.size(); k-- > 0;) {
      if (++place[k] < wiring.shape.dimensions[k]) break;
      place[k] = 0;
    }
  }
  return wiring;
}

std::vector<std::int64_t> StridesOf(const std::vector<std::int64_t>& dimensions) {
  std::vector<std::int64_t> strides(dimensions.size(), 1);
  for (std::size_t k = dimensions.size(); k-- > 1;) strides[k - 1] = strides[k] * dimensions[k];
  return strides;
}

std::int64_t UnitAt(Place place, const std::vector<std::int64_t>& strides) {
  std::int64_t unit = 0;
  for (std::size_t k = 0; k < strides.size(); ++k) unit += place[k] * strides[k];
  return unit;
}

absl::StatusOr<Wiring> InOrder(const Operands& operands, const WholeShape& shape) {
  std::int64_t unit = 0;
  return MakeWiring(operands, shape, [&](Place) { return unit++; });
}

absl::StatusOr<Wiring> Permuted(const Operands& operands, const WholeShape& shape,
                                const std::vector<std::int64_t>& permutation) {
  const std::vector<std::int64_t> own = StridesOf(shape.dimensions);
  WholeShape permuted;
  std::vector<std::int64_t> strides;
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    const auto from = static_cast<std::size_t>(permutation[i]);
    permuted.dimensions.push_back(shape.dimensions[from]);
    strides.push_back(own[from]);
    if (permutation[i] == shape.batch) permuted.batch = static_cast<std::int64_t>(i);
  }
  return MakeWiring(operands, std::move(permuted),
                    [&](Place place) { return UnitAt(place, strides); });
}

absl::StatusOr<Wiring> Repeated(const Operands& operands, const WholeShape& from,
                                const WholeShape& shape) {
  const std::size_t ahead = shape.dimensions.size() - from.dimensions.size();
  const std::vector<std::int64_t> own = StridesOf(from.dimensions);
  std::vector<std::int64_t> strides(shape.dimensions.size(), 0);
  for (std::size_t k = 0; k < own.size(); ++k) {
    if (from.dimensions[k] != 1) strides[k + ahead] = own[k];
  }
  return MakeWiring(operands, shape, [&](Place place) { return UnitAt(place, strides); });
}

RowNodeId AddWired(const Operands& operands, const std::vector<RowNodeId>& nodes,
                   const std::vector<std::int32_t>& units, double fill) {
  const std::vector<Part> parts = PartsOf(operands.conversion.graph, nodes, units);
  if (parts.size() > kMaxJoinedParts) return AddSelected(operands, nodes, units, fill);
  std::vector<RowNodeId> joined;
  for (const Part& part : parts) {
    joined.push_back(
        part.filled
            ? AddConstant(operands, std::vector<double>(static_cast<std::size_t>(part.width), fill))
            : AddPart(operands, nodes[part.node], part.first, part.width));
  }
  return AddJoined(operands, std::move(joined));
}

absl::StatusOr<OnnxValue> WiredAt(const Operands& operands, std::size_t index, const Wiring& wiring,
                                  double fill) {
  if (IsSignal(operands, index)) {
    absl::StatusOr<Signal> x = WholeSignalAt(operands, index);
    if (!x.ok()) return x.status();
    const RowNodeId node = AddWired(operands, {x->node}, wiring.units, fill);
    return WithWholeShape(*std::move(x), node, wiring.shape);
  }
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    return WiredList(operands, std::get<ShapeList>(*value), wiring, fill);
  }
  return WiredConstant(operands, index, wiring, fill);
}

absl::StatusOr<OnnxValues> Wired(const Operands& operands, const absl::StatusOr<Wiring>& wiring,
                                 double fill) {
  if (!wiring.ok()) return wiring.status();
  absl::StatusOr<OnnxValue> value = WiredAt(operands, 0, *wiring, fill);
  if (!value.ok()) return value.status();
  return SingleValue(*std::move(value));
}

absl::StatusOr<RowNodeId> ConstantRows(const Operands& operands, std::size_t index,
                                       const WholeShape& shape) {
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, index);
  if (!numbers.ok()) return numbers.status();
  const absl::StatusOr<Wiring> wiring = Repeated(operands, {numbers->dimensions}, shape);
  if (!wiring.ok()) return wiring.status();
  const auto bytes = static_cast<std::int64_t>(wiring->units.size() * sizeof(double));
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  std::vector<double> values;
  for (const std::int32_t unit : wiring->units) {
    values.push_back(numbers->values[static_cast<std::size_t>(unit)]);
  }
  return AddConstant(operands, std::move(values));
}

}  // namespace mlp
