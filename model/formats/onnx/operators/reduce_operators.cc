// The operators that reduce values of a row: sums, means, greatest values, norms.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/reduced_constant.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// Axes are an attribute up to operator set 12 or 17 and an input in later sets. Empty if neither is
// given or the list is empty.
absl::StatusOr<std::vector<std::int64_t>> GivenAxes(const Operands& operands) {
  absl::StatusOr<std::optional<std::vector<std::int64_t>>> axes = IntegersAt(operands, 1, "axes");
  if (!axes.ok()) return axes.status();
  return (*std::move(axes)).value_or(std::vector<std::int64_t>());
}

bool KeepsDimensions(const Operands& operands) {
  return IntegerAttribute(operands.node, "keepdims", 1) != 0;
}

// Without axes, the operator applies to each value alone if the file says so, and otherwise to all.
bool IsOfEach(const Operands& operands, const std::vector<std::int64_t>& axes) {
  return axes.empty() && IntegerAttribute(operands.node, "noop_with_empty_axes", 0) != 0;
}

// Whether the exact result on integers is an integer.
bool KeepsIntegers(ReductionKind kind) {
  switch (kind) {
    case ReductionKind::kMean:
    case ReductionKind::kL2:
    case ReductionKind::kLogSum:
    case ReductionKind::kLogSumExp:
      return false;
    default:
      return true;
  }
}

absl::StatusOr<OnnxValues> ReduceConstant(const Operands& operands, ReductionKind kind) {
  const absl::StatusOr<std::vector<std::int64_t>> axes = GivenAxes(operands);
  if (!axes.ok()) return axes.status();
  return ReducedConstant(operands, kind, *axes, IsOfEach(operands, *axes),
                         KeepsDimensions(operands));
}

absl::StatusOr<OnnxValues> ReduceRows(const Operands& operands, ReductionKind kind) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (!IsFloatingPoint(x->datatype) && !KeepsIntegers(kind)) x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<std::vector<std::int64_t>> axes = GivenAxes(operands);
  if (!axes.ok()) return axes.status();
  const bool of_each = IsOfEach(operands, *axes);
  if (axes->empty() && !of_each) {
    if (!operands.conversion.batch_is_one) {
      return absl::UnimplementedError(
          "it has no axes, so it would combine the values of all rows; supported are the axes of a "
          "row's values, from 1 on");
    }
    axes->resize(x->row_shape.size() + 1);
    std::iota(axes->begin(), axes->end(), std::int64_t{0});
  }
  const absl::StatusOr<RowAxes> row_axes = RowAxesOf(operands, x->row_shape, *axes);
  if (!row_axes.ok()) return row_axes.status();
  const bool picks = kind == ReductionKind::kMaximum || kind == ReductionKind::kMinimum;
  if (IsLongInteger(x->datatype) && !picks) WarnOfLongIntegers(operands, x->datatype);
  const bool keeps = KeepsDimensions(operands) || of_each;
  const auto rank = static_cast<std::int64_t>(x->row_shape.size()) + 1;
  const bool of_batch = std::any_of(
      axes->begin(), axes->end(), [rank](std::int64_t axis) { return axis == 0 || axis == -rank; });
  const bool of_all = static_cast<std::int64_t>(axes->size()) == rank;
  if (of_batch && !keeps && !of_all) {
    return absl::UnimplementedError(
        "it drops the dimension of the batch, a fixed 1; supported is keepdims 1, or all axes");
  }
  const absl::StatusOr<RowNodeId> node = AddReduction(operands, *x, *row_axes, kind);
  if (!node.ok()) return node.status();
  x->row_shape = keeps ? KeptShape(x->row_shape, *row_axes) : DroppedShape(x->row_shape, *row_axes);
  return WithNode(*std::move(x), *node);
}

template <ReductionKind kind>
absl::StatusOr<OnnxValues> Reduce(const Operands& operands) {
  return IsSignal(operands, 0) ? ReduceRows(operands, kind) : ReduceConstant(operands, kind);
}

// Reduces all values of a channel: [batch, channels, ...] to [batch, channels, 1, ...].
absl::StatusOr<OnnxValues> Pool(const Operands& operands, ReductionKind kind) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  RowAxes axes(x->row_shape.size(), true);
  if (axes.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(InputText(operands, 0), " has the shape [-1]; expected [batch,channels,...]"));
  }
  axes[0] = false;
  const absl::StatusOr<RowNodeId> node = AddReduction(operands, *x, axes, kind);
  if (!node.ok()) return node.status();
  x->row_shape = KeptShape(x->row_shape, axes);
  return WithNode(*std::move(x), *node);
}

template <ReductionKind kind>
absl::StatusOr<OnnxValues> GlobalPool(const Operands& operands) {
  return Pool(operands, kind);
}

absl::StatusOr<OnnxValues> GlobalLpPool(const Operands& operands) {
  const std::int64_t p = IntegerAttribute(operands.node, "p", 2);
  if (p == 1) return Pool(operands, ReductionKind::kL1);
  if (p == 2) return Pool(operands, ReductionKind::kL2);
  return absl::UnimplementedError(absl::StrCat("attribute 'p' is ", p, "; supported are 1 and 2"));
}

}  // namespace

const std::vector<OnnxOperator>& ReduceOperators() {
  static const auto* const operators = [] {
    auto* all = new std::vector<OnnxOperator>{
        {"GlobalAveragePool", "", 1, 1, {}, GlobalPool<ReductionKind::kMean>},
        {"GlobalLpPool", "", 1, 1, {{"p", AttributeProto::INT}}, GlobalLpPool},
        {"GlobalMaxPool", "", 1, 1, {}, GlobalPool<ReductionKind::kMaximum>},
    };
    using Convert = absl::StatusOr<OnnxValues> (*)(const Operands&);
    for (const auto& [name, convert] : std::initializer_list<std::pair<absl::string_view, Convert>>{
             {"ReduceL1", Reduce<ReductionKind::kL1>},
             {"ReduceL2", Reduce<ReductionKind::kL2>},
             {"ReduceLogSum", Reduce<ReductionKind::kLogSum>},
             {"ReduceLogSumExp", Reduce<ReductionKind::kLogSumExp>},
             {"ReduceMax", Reduce<ReductionKind::kMaximum>},
             {"ReduceMean", Reduce<ReductionKind::kMean>},
             {"ReduceMin", Reduce<ReductionKind::kMinimum>},
             {"ReduceProd", Reduce<ReductionKind::kProduct>},
             {"ReduceSum", Reduce<ReductionKind::kSum>},
             {"ReduceSumSquare", Reduce<ReductionKind::kSumOfSquares>}}) {
      all->push_back({name,
                      "",
                      1,
                      2,
                      {{"axes", AttributeProto::INTS},
                       {"keepdims", AttributeProto::INT},
                       {"noop_with_empty_axes", AttributeProto::INT}},
                      convert});
    }
    return all;
  }();
  return *operators;
}

}  // namespace mlp
