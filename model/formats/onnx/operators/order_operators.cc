// The operators that give positions by the order of values: ArgMax, ArgMin and TopK.

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// TopK compares each value with every other.
constexpr std::int64_t kMaxRanked = 256;

// A row as [outer, count, inner], split at one of its axes.
struct AxisParts {
  std::size_t place = 0;  // of the axis in the row's shape
  std::int64_t outer = 1;
  std::int64_t count = 1;
  std::int64_t inner = 1;

  std::int64_t size() const { return outer * count * inner; }
};

absl::StatusOr<AxisParts> AxisPartsOf(const Operands& operands, const RowShape& row_shape,
                                      std::int64_t default_axis) {
  const std::int64_t given = IntegerAttribute(operands.node, "axis", default_axis);
  const auto rank = static_cast<std::int64_t>(row_shape.size()) + 1;
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (axis == 0) {
    return AxisOfBatch(given);
  }
  if (axis < 0 || axis >= rank) {
    return AxisOutOfRange(given, rank);
  }
  AxisParts parts;
  parts.place = static_cast<std::size_t>(axis) - 1;
  const auto at = row_shape.begin() + static_cast<std::ptrdiff_t>(parts.place);
  parts.outer = WidthOf({row_shape.begin(), at});
  parts.count = *at;
  parts.inner = WidthOf({at + 1, row_shape.end()});
  return parts;
}

// ---- ArgMax, ArgMin ----

// The first position of the greatest value is a label until something computes with it.
absl::StatusOr<OnnxValues> LabelOfScores(const Operands& operands, Signal scores, bool keepdims) {
  Decision decision;
  if (keepdims) decision.row_shape = {1};
  const std::int64_t units = scores.row_shape[0];
  if (auto status = TakeBytes("its labels", units * static_cast<std::int64_t>(sizeof(std::int64_t)),
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  std::vector<std::int64_t> labels(static_cast<std::size_t>(units));
  std::iota(labels.begin(), labels.end(), std::int64_t{0});
  decision.integer_labels = std::make_shared<const std::vector<std::int64_t>>(std::move(labels));
  decision.scores = std::move(scores);
  return SingleValue(std::move(decision));
}

// Reverses the order of the values along the axis.
RowNodeId AddReversed(const Operands& operands, RowNodeId x, const AxisParts& parts) {
  Selection reversed;
  for (std::int64_t outer = 0; outer < parts.outer; ++outer) {
    for (std::int64_t i = parts.count; i-- > 0;) {
      for (std::int64_t inner = 0; inner < parts.inner; ++inner) {
        reversed.units.push_back(
            static_cast<std::int32_t>((outer * parts.count + i) * parts.inner + inner));
      }
    }
  }
  return AddRowOperation(operands, std::move(reversed), {x}, parts.size());
}

RowNodeId AddReduction(const Operands& operands, ReductionKind kind, RowNodeId x,
                       const AxisParts& parts) {
  return AddRowOperation(operands, Reduction{kind, parts.outer, parts.count, parts.inner}, {x},
                         parts.outer * parts.inner);
}

template <ReductionKind kind>
absl::StatusOr<OnnxValues> ArgBest(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<AxisParts> parts = AxisPartsOf(operands, x->row_shape, 0);
  if (!parts.ok()) return parts.status();
  const bool keepdims = IntegerAttribute(operands.node, "keepdims", 1) != 0;
  const bool last = IntegerAttribute(operands.node, "select_last_index", 0) != 0;
  if (kind == ReductionKind::kArgMax && !last && x->row_shape.size() == 1) {
    return LabelOfScores(operands, *std::move(x), keepdims);
  }
  const std::int64_t width = parts->outer * parts->inner;
  const RowNodeId values = last ? AddReversed(operands, x->node, *parts) : x->node;
  RowNodeId position = AddReduction(operands, kind, values, *parts);
  if (last) {
    const RowNodeId end = AddConstant(operands, {static_cast<double>(parts->count - 1)});
    position = AddElementwise(operands, "Sub", {end, position}, {}, width);
  }
  const auto at = x->row_shape.begin() + static_cast<std::ptrdiff_t>(parts->place);
  if (keepdims) *at = 1;
  if (!keepdims) x->row_shape.erase(at);
  x->datatype = Datatype::kInt64;
  return WithNode(*std::move(x), position);
}

// ---- TopK ----

// Repeats x, [outer, count, inner], to [outer, inner, count, count], along the second-to-last or
// the last axis.
RowNodeId AddSpread(const Operands& operands, RowNodeId x, const AxisParts& parts,
                    std::int64_t rows, bool along_last) {
  Selection spread;
  for (std::int64_t group = 0; group < parts.outer * parts.inner; ++group) {
    const std::int64_t outer = group / parts.inner;
    const std::int64_t inner = group % parts.inner;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < parts.count; ++j) {
        const std::int64_t which = along_last ? i : j;
        spread.units.push_back(
            static_cast<std::int32_t>((outer * parts.count + which) * parts.inner + inner));
      }
    }
  }
  const auto width = static_cast<std::int64_t>(spread.units.size());
  return AddRowOperation(operands, std::move(spread), {x}, width);
}

// For each value, how many values precede it in the order: [outer, inner, count].
RowNodeId AddRanks(const Operands& operands, RowNodeId x, const AxisParts& parts, bool largest) {
  const std::int64_t groups = parts.outer * parts.inner;
  const std::int64_t width = groups * parts.count * parts.count;
  const RowNodeId own = AddSpread(operands, x, parts, parts.count, true);
  const RowNodeId other = AddSpread(operands, x, parts, parts.count, false);
  std::vector<double> earlier;  // whether the other value comes first, which decides between equal
                                // values
  for (std::int64_t unit = 0; unit < width; ++unit) {
    earlier.push_back(unit % parts.count < unit / parts.count % parts.count ? 1.0 : 0.0);
  }
  const char* better = largest ? "Greater" : "Less";
  const RowNodeId beats = AddElementwise(operands, better, {other, own}, {}, width);
  // Also holds if both are NaN, so that rows of NaN keep their order.
  const RowNodeId loses =
      AddElementwise(operands, largest ? "Less" : "Greater", {other, own}, {}, width);
  const RowNodeId differs = AddElementwise(operands, "Or", {beats, loses}, {}, width);
  const RowNodeId equal = AddElementwise(operands, "Not", {differs}, {}, width);
  const RowNodeId in_front = AddConstant(operands, std::move(earlier));
  const RowNodeId first = AddElementwise(operands, "And", {equal, in_front}, {}, width);
  const RowNodeId precedes = AddElementwise(operands, "Or", {beats, first}, {}, width);
  const AxisParts each{0, groups * parts.count, parts.count, 1};
  return AddReduction(operands, ReductionKind::kSum, precedes, each);
}

// Rearranges [groups, k] to [outer, k, inner].
RowNodeId AddInPlace(const Operands& operands, RowNodeId x, const AxisParts& parts,
                     std::int64_t k) {
  if (parts.inner == 1) return x;
  Selection placed;
  for (std::int64_t outer = 0; outer < parts.outer; ++outer) {
    for (std::int64_t rank = 0; rank < k; ++rank) {
      for (std::int64_t inner = 0; inner < parts.inner; ++inner) {
        placed.units.push_back(static_cast<std::int32_t>((outer * parts.inner + inner) * k + rank));
      }
    }
  }
  return AddRowOperation(operands, std::move(placed), {x}, parts.outer * parts.inner * k);
}

absl::StatusOr<std::int64_t> CountOfBest(const Operands& operands) {
  if (FindAttribute(operands.node, "k") != nullptr) return IntegerAttribute(operands.node, "k", 0);
  const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 1);
  if (!list.ok()) return list.status();
  if (list->entries.size() == 1) return list->entries[0];
  return absl::InvalidArgumentError(
      absl::StrCat("its k has ", CountText(list->entries.size(), "value"), "; expected one"));
}

absl::StatusOr<OnnxValues> TopK(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<AxisParts> parts = AxisPartsOf(operands, x->row_shape, -1);
  if (!parts.ok()) return parts.status();
  const absl::StatusOr<std::int64_t> k = CountOfBest(operands);
  if (!k.ok()) return k.status();
  if (*k < 1 || *k > parts->count) {
    const std::string text = absl::StrCat("its k is ", *k, "; ");
    return *k == 0 ? absl::UnimplementedError(absl::StrCat(text, "supported is 1 or more"))
                   : absl::InvalidArgumentError(
                         absl::StrCat(text, "expected 1 to ", parts->count, ", the size of axis ",
                                      IntegerAttribute(operands.node, "axis", -1)));
  }
  if (parts->count > kMaxRanked) {
    return absl::UnimplementedError(absl::StrCat("it ranks ", CountText(parts->count, "value"),
                                                 "; supported are at most ", kMaxRanked,
                                                 ", or 1 of any number by ArgMax and ReduceMax"));
  }
  // Unsorted results may have any order, including this one.
  const bool largest = IntegerAttribute(operands.node, "largest", 1) != 0;
  const std::int64_t groups = parts->outer * parts->inner;
  if (auto status = CheckMadeWidth(groups * parts->count, parts->count); !status.ok()) {
    return status;
  }
  constexpr std::int64_t kBytesForEach = 64;
  if (auto status = TakeBytes("its comparisons", kBytesForEach * parts->size() * parts->count,
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  const std::int64_t width = groups * *k * parts->count;
  const RowNodeId ranks = AddRanks(operands, x->node, *parts, largest);
  const AxisParts ranked{0, groups, parts->count, 1};
  const RowNodeId rank_of_each = AddSpread(operands, ranks, ranked, *k, false);
  std::vector<double> wanted;
  for (std::int64_t unit = 0; unit < width; ++unit) {
    wanted.push_back(static_cast<double>(unit / parts->count % *k));
  }
  const RowNodeId ranks_wanted = AddConstant(operands, std::move(wanted));
  const RowNodeId has_rank =
      AddElementwise(operands, "IsEqual", {rank_of_each, ranks_wanted}, {}, width);
  const AxisParts each{0, groups * *k, parts->count, 1};
  const RowNodeId positions = AddReduction(operands, ReductionKind::kArgMax, has_rank, each);
  const RowNodeId values = AddSpread(operands, x->node, *parts, *k, false);
  const RowNodeId none = AddConstant(operands, {-std::numeric_limits<double>::infinity()});
  const RowNodeId ranked_values =
      AddElementwise(operands, "Where", {has_rank, values, none}, {}, width);
  const RowNodeId best = AddReduction(operands, ReductionKind::kMaximum, ranked_values, each);
  x->row_shape[parts->place] = *k;
  Signal indices = *x;
  indices.datatype = Datatype::kInt64;
  OnnxValues results = WithNode(*std::move(x), AddInPlace(operands, best, *parts, *k));
  results.push_back(
      WithNode(std::move(indices), AddInPlace(operands, positions, *parts, *k)).front());
  return results;
}

std::vector<OnnxAttribute> ArgAttributes() {
  return {{"axis", AttributeProto::INT},
          {"keepdims", AttributeProto::INT},
          {"select_last_index", AttributeProto::INT}};
}

}  // namespace

const std::vector<OnnxOperator>& OrderOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"ArgMax", "", 1, 1, ArgAttributes(), ArgBest<ReductionKind::kArgMax>},
      {"ArgMin", "", 1, 1, ArgAttributes(), ArgBest<ReductionKind::kArgMin>},
      {"TopK",
       "",
       1,
       2,
       {{"axis", AttributeProto::INT},
        {"k", AttributeProto::INT},
        {"largest", AttributeProto::INT},
        {"sorted", AttributeProto::INT}},
       TopK},
  };
  return *operators;
}

}  // namespace mlp
