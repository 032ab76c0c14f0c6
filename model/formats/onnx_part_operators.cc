// The operators that take rows, and lists of integers, apart and join them.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_lookups.h"
#include "model/formats/onnx_operands.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// As in onnx_shape_operators.cc.
constexpr std::size_t kMostListEntries = 16;

// Columns that are picked one by one; a row of more pieces would be slow to put together.
constexpr std::size_t kMostPicked = 4096;

// Lists have one axis only.
absl::Status CheckListAxis(const Operands& operands) {
  const std::int64_t axis = IntegerAttribute(operands.node, "axis", 0);
  if (axis == 0 || axis == -1) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("axis ", axis, " is not supported; expected 0, that of a list"));
}

// Rows of any type, with one dimension.
absl::StatusOr<Signal> FlatRowsAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> x = SignalAt(operands, index);
  if (!x.ok() || x->row_shape.size() == 1) return x;
  return absl::UnimplementedError(absl::StrCat("a row has shape ", ShapeText(x->row_shape),
                                               "; supported is one dimension, so flatten it"));
}

RowNodeId AddSlice(const Operands& operands, RowNodeId of, std::int64_t first, std::int64_t width) {
  RowNode node = NewRowNode(operands, RowOperation::kSlice, width);
  node.operands = {of};
  node.first = first;
  return operands.conversion.graph.Add(std::move(node));
}

Signal SliceOf(const Operands& operands, Signal x, std::int64_t first, std::int64_t width) {
  x.node = AddSlice(operands, x.node, first, width);
  x.row_shape = {width};
  return x;
}

// ---- Gather, ArrayFeatureExtractor ----

// The units of x that `indices` name, in runs of neighbours.
absl::StatusOr<OnnxValues> PickUnits(const Operands& operands, Signal x,
                                     const std::vector<std::int64_t>& indices, bool scalar) {
  const std::int64_t width = x.row_shape[0];
  if (indices.empty() || indices.size() > kMostPicked) {
    return absl::UnimplementedError(
        absl::StrCat("it picks ", indices.size(), " units; supported are 1 to ", kMostPicked));
  }
  std::vector<RowNodeId> runs;
  for (std::size_t i = 0; i < indices.size();) {
    const std::int64_t first = indices[i] < 0 ? indices[i] + width : indices[i];
    if (first < 0 || first >= width) {
      return absl::InvalidArgumentError(
          absl::StrCat("index ", indices[i], " is out of range; a row has ", width, " values"));
    }
    std::int64_t count = 1;
    while (++i < indices.size() && indices[i] == first + count && first + count < width) ++count;
    runs.push_back(AddSlice(operands, x.node, first, count));
  }
  x.row_shape = scalar ? std::vector<std::int64_t>{}
                       : std::vector<std::int64_t>{static_cast<std::int64_t>(indices.size())};
  if (runs.size() == 1) return Replaced(std::move(x), runs[0]);
  RowNode node = NewRowNode(operands, RowOperation::kConcat, WidthOf(x.row_shape));
  node.operands = std::move(runs);
  return Replaced(std::move(x), operands.conversion.graph.Add(std::move(node)));
}

absl::StatusOr<OnnxValues> GatherEntries(const Operands& operands) {
  if (auto status = CheckListAxis(operands); !status.ok()) return status;
  const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
  if (!list.ok()) return list.status();
  const absl::StatusOr<ShapeList> indices = ShapeListAt(operands, 1);
  if (!indices.ok()) return indices.status();
  const auto size = static_cast<std::int64_t>(list->entries.size());
  ShapeList gathered;
  gathered.scalar = indices->scalar;
  if (indices->entries.size() > kMostListEntries) {
    return absl::UnimplementedError("it gathers a list that is longer than any shape");
  }
  for (const std::int64_t index : indices->entries) {
    if (index < -size || index >= size || list->scalar) {
      return absl::InvalidArgumentError(
          absl::StrCat("index ", index, " is out of range; the list has ", size, " entries"));
    }
    gathered.entries.push_back(
        list->entries[static_cast<std::size_t>(index < 0 ? index + size : index)]);
  }
  return One(std::move(gathered));
}

absl::StatusOr<OnnxValues> Gather(const Operands& operands) {
  if (NamesEntries(operands)) return GatherFromTable(operands);
  if (!IsSignal(operands, 0)) return GatherEntries(operands);
  absl::StatusOr<Signal> x = FlatRowsAt(operands, 0);
  if (!x.ok()) return x.status();
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", 0)); !status.ok()) {
    return status;
  }
  const absl::StatusOr<ShapeList> indices = ShapeListAt(operands, 1);
  if (!indices.ok()) return indices.status();
  return PickUnits(operands, *std::move(x), indices->entries, indices->scalar);
}

absl::StatusOr<OnnxValues> ArrayFeatureExtractor(const Operands& operands) {
  if (NamesEntries(operands)) return GatherFromTable(operands);
  absl::StatusOr<Signal> x = FlatRowsAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 1);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  std::vector<std::int64_t> indices;
  for (const double number : numbers->values) {
    // Beyond the widest row there is nothing, and casting it would be undefined.
    indices.push_back(number >= 0.0 && number < 1e9 ? static_cast<std::int64_t>(number) : -1 << 30);
  }
  return PickUnits(operands, *std::move(x), indices, false);
}

// ---- Slice, Split ----

// From operator set 10 on, all but the rows themselves are inputs; before, attributes.
absl::StatusOr<std::optional<ShapeList>> SliceList(const Operands& operands, std::size_t index,
                                                   absl::string_view name) {
  if (auto integers = IntegersAttribute(operands.node, name)) {
    return ShapeList{*std::move(integers), false};
  }
  if (operands.At(index) == nullptr) return std::optional<ShapeList>();
  absl::StatusOr<ShapeList> list = ShapeListAt(operands, index);
  if (!list.ok()) return list.status();
  return std::optional<ShapeList>(*std::move(list));
}

struct SliceRange {
  std::int64_t axis = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
};

absl::StatusOr<SliceRange> SliceRangeOf(const Operands& operands) {
  std::vector<std::optional<ShapeList>> lists;
  std::size_t index = 0;
  for (const char* name : {"starts", "ends", "axes", "steps"}) {
    absl::StatusOr<std::optional<ShapeList>> list = SliceList(operands, ++index, name);
    if (!list.ok()) return list.status();
    lists.push_back(*std::move(list));
  }
  const auto one = [&](std::size_t which, std::int64_t otherwise) -> std::optional<std::int64_t> {
    if (!lists[which].has_value()) return otherwise;
    if (lists[which]->entries.size() != 1) return std::nullopt;
    return lists[which]->entries[0];
  };
  const auto start = one(0, 0);
  const auto end = one(1, 0);
  const auto axis = one(2, 0);
  if (!lists[0].has_value() || !lists[1].has_value() || !start || !end || !axis ||
      one(3, 1) != std::int64_t{1}) {
    return absl::UnimplementedError("supported is one axis, in steps of 1");
  }
  return SliceRange{*axis, *start, *end};
}

absl::StatusOr<OnnxValues> Slice(const Operands& operands) {
  const absl::StatusOr<SliceRange> range = SliceRangeOf(operands);
  if (!range.ok()) return range.status();
  const auto clamped = [](std::int64_t position, std::int64_t size) {
    if (position < 0) position = position < -size ? 0 : position + size;
    return std::min(position, size);
  };
  if (!IsSignal(operands, 0)) {
    absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
    if (!list.ok()) return list.status();
    const auto size = static_cast<std::int64_t>(list->entries.size());
    const std::int64_t start = clamped(range->start, size);
    const std::int64_t end = std::max(start, clamped(range->end, size));
    if (list->scalar || (range->axis != 0 && range->axis != -1)) {
      return absl::UnimplementedError("supported is a part of a list");
    }
    return One(ShapeList{{list->entries.begin() + start, list->entries.begin() + end}, false});
  }
  absl::StatusOr<Signal> x = FlatRowsAt(operands, 0);
  if (!x.ok()) return x.status();
  if (auto status = CheckUnitsAxis(range->axis); !status.ok()) return status;
  const std::int64_t start = clamped(range->start, x->row_shape[0]);
  const std::int64_t end = clamped(range->end, x->row_shape[0]);
  if (end <= start) return absl::InvalidArgumentError("the part has no values");
  return One(SliceOf(operands, *std::move(x), start, end - start));
}

absl::StatusOr<OnnxValues> Split(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatRowsAt(operands, 0);
  if (!x.ok()) return x.status();
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", 0)); !status.ok()) {
    return status;
  }
  const std::int64_t width = x->row_shape[0];
  const std::int64_t parts = operands.node.output_size();
  if (parts < 1 || parts > width) {
    return absl::InvalidArgumentError(
        absl::StrCat("a row of ", width, " values cannot be split into ", parts, " parts"));
  }
  const absl::StatusOr<std::optional<ShapeList>> given = SliceList(operands, 1, "split");
  if (!given.ok()) return given.status();
  std::vector<std::int64_t> sizes;
  if (given->has_value()) {
    sizes = (*given)->entries;
  } else {
    // The last part is smaller where the parts cannot be equal.
    const std::int64_t size = (width + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(std::min(size, width - i * size));
  }
  if (static_cast<std::int64_t>(sizes.size()) != parts) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", parts, " outputs and ", sizes.size(), " sizes"));
  }
  OnnxValues values;
  std::int64_t first = 0;
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > width - first) {
      return absl::InvalidArgumentError(
          absl::StrCat("the parts do not fit a row of ", width, " values"));
    }
    values.emplace_back(SliceOf(operands, *x, first, size));
    first += size;
  }
  if (first != width) {
    return absl::InvalidArgumentError(
        absl::StrCat("the parts do not make up a row of ", width, " values"));
  }
  return values;
}

// ---- Concat ----

absl::StatusOr<OnnxValues> ConcatRows(const Operands& operands) {
  RowNode node = NewRowNode(operands, RowOperation::kConcat, 0);
  std::optional<Signal> joined;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    absl::StatusOr<Signal> x = FlatRowsAt(operands, i);
    if (!x.ok()) return x.status();
    if (joined.has_value() && joined->datatype != x->datatype) {
      return absl::InvalidArgumentError(absl::StrCat("it joins elements of type ",
                                                     NameOf(joined->datatype), " and of type ",
                                                     NameOf(x->datatype)));
    }
    node.operands.push_back(x->node);
    node.width += x->row_shape[0];
    if (node.width > Network::kMaxWidth) {
      return absl::InvalidArgumentError(absl::StrCat(
          "it makes rows of ", node.width, " values; expected 1 to ", Network::kMaxWidth));
    }
    joined = *std::move(x);
  }
  joined->row_shape = {node.width};
  return Replaced(*std::move(joined), operands.conversion.graph.Add(std::move(node)));
}

absl::StatusOr<OnnxValues> Concat(const Operands& operands) {
  if (IsSignal(operands, 0)) {
    if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", 1)); !status.ok()) {
      return status;
    }
    return ConcatRows(operands);
  }
  if (auto status = CheckListAxis(operands); !status.ok()) return status;
  ShapeList joined;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    const absl::StatusOr<ShapeList> list = ShapeListAt(operands, i);
    if (!list.ok()) return list.status();
    if (list->scalar || joined.entries.size() + list->entries.size() > kMostListEntries) {
      return absl::UnimplementedError(
          absl::StrCat("supported is joining lists to at most ", kMostListEntries, " entries"));
    }
    joined.entries.insert(joined.entries.end(), list->entries.begin(), list->entries.end());
  }
  return One(std::move(joined));
}

}  // namespace

const std::vector<OnnxOperator>& PartOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"ArrayFeatureExtractor", "ai.onnx.ml", 2, 2, {}, ArrayFeatureExtractor, true},
      {"Concat", "", 1, kAnyNumberOfInputs, {{"axis", AttributeProto::INT}}, Concat},
      {"FeatureVectorizer",
       "ai.onnx.ml",
       1,
       kAnyNumberOfInputs,
       {{"inputdimensions", AttributeProto::INTS}},
       ConcatRows},
      {"Gather", "", 2, 2, {{"axis", AttributeProto::INT}}, Gather, true},
      {"Slice",
       "",
       1,
       5,
       {{"axes", AttributeProto::INTS},
        {"ends", AttributeProto::INTS},
        {"starts", AttributeProto::INTS}},
       Slice},
      {"Split",
       "",
       1,
       2,
       {{"axis", AttributeProto::INT},
        {"num_outputs", AttributeProto::INT},
        {"split", AttributeProto::INTS}},
       Split},
  };
  return *operators;
}

}  // namespace mlp
