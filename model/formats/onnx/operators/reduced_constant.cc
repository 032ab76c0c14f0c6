#include "model/formats/onnx/operators/reduced_constant.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

double GreatestOfNumbers(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), x[0],
                         [](double a, double b) { return std::isnan(a) || a > b ? a : b; });
}

double SmallestOfNumbers(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), x[0],
                         [](double a, double b) { return std::isnan(a) || a < b ? a : b; });
}

template <typename Take>
double SumOfNumbers(const std::vector<double>& x, const Take& take) {
  return std::accumulate(x.begin(), x.end(), 0.0,
                         [&](double sum, double value) { return sum + take(value); });
}

double ReducedNumber(ReductionKind kind, const std::vector<double>& x) {
  const auto itself = [](double value) { return value; };
  const auto square = [](double value) { return value * value; };
  switch (kind) {
    case ReductionKind::kSum:
      return SumOfNumbers(x, itself);
    case ReductionKind::kMean:
      return SumOfNumbers(x, itself) / static_cast<double>(x.size());
    case ReductionKind::kProduct:
      return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>());
    case ReductionKind::kMaximum:
      return GreatestOfNumbers(x);
    case ReductionKind::kMinimum:
      return SmallestOfNumbers(x);
    case ReductionKind::kL1:
      return SumOfNumbers(x, [](double value) { return std::fabs(value); });
    case ReductionKind::kL2:
      return std::sqrt(SumOfNumbers(x, square));
    case ReductionKind::kSumOfSquares:
      return SumOfNumbers(x, square);
    case ReductionKind::kLogSum:
      return std::log(SumOfNumbers(x, itself));
    case ReductionKind::kLogSumExp: {
      const double greatest = GreatestOfNumbers(x);
      if (!std::isfinite(greatest)) return greatest;
      return greatest +
             std::log(SumOfNumbers(x, [&](double value) { return std::exp(value - greatest); }));
    }
    case ReductionKind::kArgMax:
      return static_cast<double>(std::max_element(x.begin(), x.end()) - x.begin());
    case ReductionKind::kArgMin:
      return static_cast<double>(std::min_element(x.begin(), x.end()) - x.begin());
  }
  return 0.0;
}

// Which dimensions of a constant to reduce.
absl::StatusOr<std::vector<bool>> ReducedDimensions(const std::vector<std::int64_t>& axes,
                                                    std::size_t dimensions, bool of_each,
                                                    bool for_each_row) {
  const auto rank = static_cast<std::int64_t>(dimensions);
  std::vector<bool> reduced(dimensions, axes.empty() && !of_each);
  for (const std::int64_t axis : axes) {
    if (axis < -rank || axis >= rank) {
      return AxisOutOfRange(axis, rank);
    }
    reduced[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  if (for_each_row && !reduced.empty() && reduced[0]) {
    return absl::UnimplementedError(
        "it is taken over all rows of the batch; supported are the axes of a row's values, from 1 "
        "on");
  }
  return reduced;
}

}  // namespace

absl::StatusOr<OnnxValues> ReducedConstant(const Operands& operands, ReductionKind kind,
                                           const std::vector<std::int64_t>& axes, bool of_each,
                                           bool keeps_dimensions) {
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, 0);
  if (!numbers.ok()) return numbers.status();
  if (numbers->values.empty()) {
    return absl::UnimplementedError(
        absl::StrCat(InputText(operands, 0), " has no values; supported is one or more"));
  }
  const OnnxValue& value = *operands.At(0);
  const bool for_each_row =
      std::holds_alternative<OnnxConstant>(value) && std::get<OnnxConstant>(value).for_each_row;
  const absl::StatusOr<std::vector<bool>> reduced =
      ReducedDimensions(axes, numbers->dimensions.size(), of_each, for_each_row);
  if (!reduced.ok()) return reduced.status();
  AlongAxes along = AlongAxesOf(numbers->dimensions, *reduced);
  const auto results = static_cast<std::size_t>(along.outer * along.inner);
  if (auto status =
          TakeConstantBytes(operands, static_cast<std::int64_t>(results * sizeof(double)));
      !status.ok()) {
    return status;
  }
  // For 8 and 16 bits only greatest and lowest values are supported; they stay in the type.
  const bool integers = IsIntegerAt(operands, 0);
  int type = TypeOfConstantAt(operands, 0);
  if (!IsShortInteger(*DatatypeOf(type))) {
    type = integers ? onnx::TensorProto::INT64 : onnx::TensorProto::DOUBLE;
  }
  const RowShape shape = keeps_dimensions || of_each ? KeptShape(numbers->dimensions, *reduced)
                                                     : DroppedShape(numbers->dimensions, *reduced);
  std::vector<double> reduced_values;
  reduced_values.reserve(results);
  std::vector<double> taken(static_cast<std::size_t>(along.count));
  for (std::size_t i = 0; i < results; ++i) {
    const auto inner = static_cast<std::size_t>(along.inner);
    for (std::size_t k = 0; k < taken.size(); ++k) {
      const std::size_t at = (i / inner * taken.size() + k) * inner + i % inner;
      taken[k] =
          numbers->values[along.order.empty() ? at : static_cast<std::size_t>(along.order[at])];
    }
    const double result = ReducedNumber(kind, taken);
    if (integers && !(std::fabs(result) < 1e15)) {
      return absl::UnimplementedError(
          absl::StrCat("it computes the integer ", result, "; supported are sizes and indices"));
    }
    reduced_values.push_back(integers ? std::trunc(result) : result);
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  for (const std::int64_t dimension : shape) made.add_dims(dimension);
  FillTensor(reduced_values, type, made);
  return SingleValue(OnnxConstant{&made, false, for_each_row});
}

}  // namespace mlp
