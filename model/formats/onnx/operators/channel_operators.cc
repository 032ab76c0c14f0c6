// The operators that normalise the channels of rows; the channels are a row's first dimension.

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/norms.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

absl::StatusOr<std::vector<double>> NumbersOf(const Operands& operands,
                                              const OnnxConstant& constant, std::int64_t count) {
  absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (static_cast<std::int64_t>(numbers->values.size()) == count) return std::move(numbers->values);
  return absl::InvalidArgumentError(absl::StrCat(constant.Text(), " has dimensions ",
                                                 ShapeText(numbers->dimensions), "; expected [",
                                                 count, "]"));
}

// Repeats each of `values` for consecutive values of a row of `width`.
absl::StatusOr<std::vector<double>> Repeated(const Operands& operands, std::vector<double> values,
                                             std::int64_t width) {
  const auto times = static_cast<std::size_t>(width) / values.size();
  if (times == 1) return values;
  if (auto status =
          TakeBytes("the values for each channel",
                    width * static_cast<std::int64_t>(sizeof(double)), operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  std::vector<double> repeated;
  repeated.reserve(static_cast<std::size_t>(width));
  for (const double value : values) repeated.insert(repeated.end(), times, value);
  return repeated;
}

// Reads one value for each channel, the first dimension of a row, or for each group of channels.
ForUnits ByChannel(const Operands& operands, const RowShape& row_shape, std::int64_t channels) {
  return [&operands, row_shape,
          channels](const OnnxConstant& constant) -> absl::StatusOr<std::vector<double>> {
    absl::StatusOr<std::vector<double>> values = NumbersOf(operands, constant, channels);
    if (!values.ok()) return values;
    return Repeated(operands, *std::move(values), WidthOf(row_shape));
  };
}

absl::StatusOr<Signal> ChannelsAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, index);
  if (!x.ok() || !x->row_shape.empty()) return x;
  return absl::UnimplementedError(absl::StrCat(
      InputText(operands, index), " has the shape [-1]; supported is [batch,channels,...]"));
}

// y = (x - mean) / sqrt(var + epsilon) * scale + B for each channel, as in inference.
absl::StatusOr<OnnxValues> BatchNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = ChannelsAt(operands, 0);
  if (!x.ok()) return x.status();
  if (IntegerAttribute(operands.node, "training_mode", 0) != 0) {
    return absl::UnimplementedError(
        "training_mode is not 0; supported is 0, as the model is exported for inference "
        "(model.eval() in PyTorch)");
  }
  std::vector<std::vector<double>> values;  // scale, B, mean, var
  for (std::size_t i = 1; i < 5; ++i) {
    const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, i);
    if (!constant.ok()) return constant.status();
    absl::StatusOr<std::vector<double>> numbers = NumbersOf(operands, *constant, x->row_shape[0]);
    if (!numbers.ok()) return numbers.status();
    values.push_back(*std::move(numbers));
  }
  const double epsilon = FloatAttribute(operands.node, "epsilon", 1e-5F);
  std::vector<double> scale(values[0].size());
  std::vector<double> shift(values[0].size());
  for (std::size_t i = 0; i < scale.size(); ++i) {
    scale[i] = values[0][i] / std::sqrt(values[3][i] + epsilon);
    shift[i] = values[1][i] - values[2][i] * scale[i];
  }
  const std::int64_t width = WidthOf(x->row_shape);
  RowNodeId node = x->node;
  for (const bool scales : {true, false}) {
    absl::StatusOr<std::vector<double>> repeated =
        Repeated(operands, std::move(scales ? scale : shift), width);
    if (!repeated.ok()) return repeated.status();
    const RowNodeId constant = AddConstant(operands, *std::move(repeated));
    node = AddElementwise(operands, scales ? "Mul" : "Add", {node, constant}, {}, width);
  }
  return WithNode(*std::move(x), node);
}

// Normalises each channel by the spread of its values.
absl::StatusOr<OnnxValues> InstanceNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = ChannelsAt(operands, 0);
  if (!x.ok()) return x.status();
  const RowShape row_shape = x->row_shape;
  RowAxes axes(row_shape.size(), true);
  axes[0] = false;
  const absl::StatusOr<RowNodeId> node = AddNormalized(
      operands, *x, axes, Norm::kStandard, FloatAttribute(operands.node, "epsilon", 1e-5F));
  if (!node.ok()) return node.status();
  x->node = *node;
  return ScaledAndShifted(operands, *std::move(x), 1, 2,
                          ByChannel(operands, row_shape, row_shape[0]));
}

// Normalises each group of channels by the spread of its values. Scale and shift are given for each
// group in operator set 18, and for each channel from 21 on.
absl::StatusOr<OnnxValues> GroupNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = ChannelsAt(operands, 0);
  if (!x.ok()) return x.status();
  const RowShape row_shape = x->row_shape;
  const std::int64_t groups = IntegerAttribute(operands.node, "num_groups", 0);
  if (groups < 1 || row_shape[0] % groups != 0) {
    return absl::InvalidArgumentError(absl::StrCat("num_groups is ", groups,
                                                   "; expected a divisor ", "of its ",
                                                   CountText(row_shape[0], "channel")));
  }
  Signal grouped = *x;
  grouped.row_shape = {groups, WidthOf(row_shape) / groups};
  const absl::StatusOr<RowNodeId> node =
      AddNormalized(operands, grouped, {false, true}, Norm::kStandard,
                    FloatAttribute(operands.node, "epsilon", 1e-5F));
  if (!node.ok()) return node.status();
  x->node = *node;
  const std::int64_t scales = operands.conversion.opset < 21 ? groups : row_shape[0];
  return ScaledAndShifted(operands, *std::move(x), 1, 2, ByChannel(operands, row_shape, scales));
}

}  // namespace

const std::vector<OnnxOperator>& ChannelOperators() {
  const OnnxAttribute epsilon = {"epsilon", AttributeProto::FLOAT};
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"BatchNormalization",
       "",
       5,
       5,
       {epsilon,
        {"momentum", AttributeProto::FLOAT},
        {"spatial", AttributeProto::INT},
        {"training_mode", AttributeProto::INT}},
       BatchNormalization},
      {"GroupNormalization",
       "",
       3,
       3,
       {epsilon, {"num_groups", AttributeProto::INT}, {"stash_type", AttributeProto::INT}},
       GroupNormalization},
      {"InstanceNormalization", "", 3, 3, {epsilon}, InstanceNormalization},
  };
  return *operators;
}

}  // namespace mlp
