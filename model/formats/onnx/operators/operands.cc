#include "model/formats/onnx/operators/operands.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {

absl::StatusOr<Signal> SignalAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> signal = WholeSignalAt(operands, index);
  if (!signal.ok() || (signal->batch_axis == 0 && !signal->folded)) return signal;
  return absl::UnimplementedError(absl::StrCat(
      InputText(operands, index), " has the shape ", TextOf(WholeShapeOf(*signal)), " with ",
      signal->folded ? "several rows for each row" : "the rows", " in dimension ",
      signal->batch_axis, "; supported by this operator is [batch,...] with one row each"));
}

absl::StatusOr<Signal> WholeSignalAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<Signal>(*value)) {
    const Signal& signal = std::get<Signal>(*value);
    if (!signal.one_value_a_row) return signal;
    return absl::UnimplementedError(absl::StrCat(InputText(operands, index),
                                                 " has each row's values one below the other; ",
                                                 "that is supported only at the network's end"));
  }
  return NoRows(operands, index);
}

absl::StatusOr<OnnxConstant> AnyConstantAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<OnnxConstant>(*value)) {
    const OnnxConstant& constant = std::get<OnnxConstant>(*value);
    if (auto status = CheckConstant(constant); !status.ok()) return status;
    return constant;
  }
  return NoConstant(operands, index);
}

absl::StatusOr<OnnxConstant> ConstantAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, index);
  if (!constant.ok() || !constant->for_each_row) return constant;
  return absl::UnimplementedError(
      absl::StrCat(InputText(operands, index),
                   " has as many rows as the network's input; only constants, for example trained "
                   "values, are supported here"));
}

absl::StatusOr<Signal> FloatSignalAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> signal = SignalAt(operands, index);
  if (!signal.ok() || IsFloatingPoint(signal->datatype)) return signal;
  return absl::UnimplementedError(absl::StrCat(
      InputText(operands, index), " has elements of type ", ElementTypeName(signal->datatype),
      "; supported are FLOAT, DOUBLE, FLOAT16 and BFLOAT16, so cast it first"));
}

absl::StatusOr<Signal> NumberSignalAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> signal = SignalAt(operands, index);
  if (!signal.ok() || signal->datatype != Datatype::kBytes) return signal;
  return absl::UnimplementedError(
      absl::StrCat(InputText(operands, index), " has strings; only numbers are supported here"));
}

absl::StatusOr<Signal> FlatSignalAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> signal = FloatSignalAt(operands, index);
  if (!signal.ok() || signal->row_shape.size() == 1) return signal;
  return NotFlat(operands, index, *signal);
}

absl::StatusOr<ShapeList> ShapeListAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    return std::get<ShapeList>(*value);
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<std::vector<std::int64_t>> integers =
      ReadIntegers(*constant, operands.conversion.limits);
  if (!integers.ok()) return integers.status();
  // Slices back to the start end at the least integer. All integers beyond any size are equivalent,
  // and the least ones are reserved for the batch.
  constexpr std::int64_t kSmallest = -(std::int64_t{1} << 62);
  for (std::int64_t& entry : *integers) entry = std::max(entry, kSmallest);
  return ShapeList{*std::move(integers), constant->tensor->dims_size() == 0};
}

absl::StatusOr<std::optional<std::vector<std::int64_t>>> IntegersAt(const Operands& operands,
                                                                    std::size_t index,
                                                                    absl::string_view name) {
  if (auto integers = IntegersAttribute(operands.node, name)) return integers;
  if (operands.At(index) == nullptr) return std::optional<std::vector<std::int64_t>>();
  absl::StatusOr<ShapeList> list = ShapeListAt(operands, index);
  if (!list.ok()) return list.status();
  return std::optional<std::vector<std::int64_t>>(std::move(list->entries));
}

bool IsSignal(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  return value != nullptr && std::holds_alternative<Signal>(*value);
}

std::int64_t WidthOf(const std::vector<std::int64_t>& row_shape) {
  return std::accumulate(row_shape.begin(), row_shape.end(), std::int64_t{1}, std::multiplies<>());
}

absl::Status CheckUnitsAxis(std::int64_t axis) {
  if (axis == 1 || axis == -1) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("axis ", axis, " is not supported; supported is that of the units, 1 or -1"));
}

RowNode NewRowNode(const Operands& operands, RowOperation operation, std::int64_t width) {
  RowNode node;
  node.operation = operation;
  node.width = width;
  node.text = NodeText(operands.node);
  return node;
}

RowNodeId AddElementwise(const Operands& operands, absl::string_view function,
                         std::vector<RowNodeId> arguments, std::vector<double> parameters,
                         std::int64_t width) {
  UnitFunction operation;
  operation.function = FindElementwiseFunction("", function);
  for (const absl::string_view domain : {absl::string_view("com.microsoft"), kInternalDomain}) {
    if (operation.function == nullptr) {
      operation.function = FindElementwiseFunction(domain, function);
    }
  }
  operation.parameters = std::move(parameters);
  return AddRowOperation(operands, std::move(operation), std::move(arguments), width);
}

RowNodeId AddWithNumber(const Operands& operands, absl::string_view function, RowNodeId x,
                        double number, std::int64_t width) {
  return AddElementwise(operands, function, {x, AddConstant(operands, {number})}, {}, width);
}

RowNodeId AddConstant(const Operands& operands, std::vector<double> values) {
  RowNode node;
  node.operation = RowOperation::kConstant;
  node.width = static_cast<std::int64_t>(values.size());
  node.values = std::move(values);
  return operands.conversion.graph.Add(std::move(node));
}

RowNodeId AddRowOperation(const Operands& operands, RowOperationDetail detail,
                          std::vector<RowNodeId> arguments, std::int64_t width) {
  RowNode node = NewRowNode(operands, RowOperation::kOperation, width);
  node.detail = std::move(detail);
  node.operands = std::move(arguments);
  return operands.conversion.graph.Add(std::move(node));
}

RowNodeId AddRowFunction(const Operands& operands, ActivationKind kind, RowNodeId x,
                         std::int64_t width) {
  RowNode node = NewRowNode(operands, RowOperation::kRowFunction, width);
  node.operands = {x};
  node.row_function = kind;
  return operands.conversion.graph.Add(std::move(node));
}

RowNodeId AddSlice(const Operands& operands, RowNodeId x, std::int64_t first, std::int64_t width) {
  RowNode node = NewRowNode(operands, RowOperation::kSlice, width);
  node.operands = {x};
  node.first = first;
  return operands.conversion.graph.Add(std::move(node));
}

OnnxValues WithNode(Signal signal, RowNodeId node) {
  signal.node = node;
  return SingleValue(std::move(signal));
}

}  // namespace mlp
