// The element-wise operators. elementwise_constant.h computes those of constants.

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/elementwise_constant.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

const ElementwiseFunction* FunctionOf(const onnx::NodeProto& node) {
  return FindElementwiseFunction(node.domain() == "ai.onnx" ? "" : node.domain(), node.op_type());
}

absl::StatusOr<std::vector<double>> ParametersOf(const Operands& operands,
                                                 const ElementwiseFunction& function) {
  std::vector<double> values;
  for (const ElementwiseParameter& parameter : function.parameters) {
    const float value =
        parameter.integer ? static_cast<float>(IntegerAttribute(
                                operands.node, parameter.name,
                                static_cast<std::int64_t>(parameter.default_value)))
                          : FloatAttribute(operands.node, parameter.name, parameter.default_value);
    if (!std::isfinite(value)) {
      return absl::InvalidArgumentError(absl::StrCat("attribute '", parameter.name, "' is ", value,
                                                     "; expected a finite number"));
    }
    values.push_back(value);
  }
  return values;
}

// Functions that accept integers; the others accept only floating-point numbers.
bool TakesIntegers(const ElementwiseFunction& function) {
  static const auto* const names =
      new std::set<absl::string_view>{"Abs", "Add", "Div",   "Equal", "Max",  "Min", "Mod",  "Mul",
                                      "Neg", "Pow", "PRelu", "Relu",  "Sign", "Sub", "Where"};
  return function.makes_bool || names->contains(function.name);
}

// Whether operand `index` determines the result's type, if the result is not a condition.
bool MakesType(const ElementwiseFunction& function, std::size_t index) {
  return function.name != "Where" || index > 0;
}

// The type of operand `index`, if it has one.
std::optional<Datatype> TypeOfOperand(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (const auto* signal = std::get_if<Signal>(value)) return signal->datatype;
  if (const auto* constant = std::get_if<OnnxConstant>(value)) {
    return DatatypeOf(constant->tensor->data_type());
  }
  return std::nullopt;
}

// The type of the first signal among the operands, otherwise of the first constant: constants
// computed at load have wider types than the file's.
Datatype ResultType(const Operands& operands, const ElementwiseFunction& function) {
  if (function.makes_bool) return Datatype::kBool;
  std::optional<Datatype> type;
  for (const bool of_signals : {true, false}) {
    for (std::size_t i = 0; i < operands.inputs.size() && !type.has_value(); ++i) {
      if (MakesType(function, i) && IsSignal(operands, i) == of_signals) {
        type = TypeOfOperand(operands, i);
      }
    }
  }
  return type.value_or(Datatype::kFp32);
}

// A signal with the result's type and the operands' common shape.
absl::StatusOr<Signal> CommonSignal(const Operands& operands, const ElementwiseFunction& function) {
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (!IsSignal(operands, i)) continue;
    absl::StatusOr<Signal> signal = NumberSignalAt(operands, i);
    if (!signal.ok()) return signal;
    const bool condition = signal->datatype == Datatype::kBool;
    if (!condition && !IsFloatingPoint(signal->datatype) && !TakesIntegers(function)) {
      return FloatSignalAt(operands, i);
    }
  }
  absl::StatusOr<RowShape> row_shape = BroadcastRowShape(operands);
  if (!row_shape.ok()) return row_shape.status();
  Signal common;
  common.datatype = ResultType(operands, function);
  common.row_shape = *std::move(row_shape);
  return common;
}

// PRelu's slopes broadcast to the shape of the values they multiply, but not vice versa.
absl::Status CheckSlopes(const Operands& operands, const Signal& result) {
  if (!IsSignal(operands, 0)) return NoRows(operands, 0);
  const RowShape& row_shape = std::get<Signal>(*operands.At(0)).row_shape;
  if (row_shape == result.row_shape) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(InputText(operands, 1), " has slopes that make rows of shape ",
                   ShapeText(result.row_shape), " of rows of shape ", ShapeText(row_shape),
                   "; expected slopes that leave the shape as it is"));
}

// Writes sums and differences of rows in the only form that NetworkBuilder recognises.
RowNodeId Simplified(const Operands& operands, const ElementwiseFunction& function,
                     std::vector<RowNodeId> arguments, const std::vector<double>& parameters,
                     std::int64_t width) {
  const RowGraph& graph = operands.conversion.graph;
  if (function.name == "Sub" && !graph.IsConstant(arguments[0]) &&
      !graph.IsConstant(arguments[1])) {
    const RowNodeId negative = AddElementwise(operands, "Neg", {arguments[1]}, {}, width);
    return AddElementwise(operands, "Add", {arguments[0], negative}, {}, width);
  }
  if (function.name != "Sum" && function.name != "Mean") {
    return AddElementwise(operands, function.name, arguments, parameters, width);
  }
  // Rows come first, because a sum of only constants is not part of a network.
  std::stable_partition(arguments.begin(), arguments.end(),
                        [&](RowNodeId argument) { return !graph.IsConstant(argument); });
  RowNodeId sum = arguments[0];
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    sum = AddElementwise(operands, "Add", {sum, arguments[i]}, {}, width);
  }
  if (function.name == "Sum") return sum;
  const RowNodeId count = AddConstant(operands, {static_cast<double>(arguments.size())});
  return AddElementwise(operands, "Div", {sum, count}, {}, width);
}

absl::StatusOr<RowNodeId> OfIntegers(const Operands& operands, const ElementwiseFunction& function,
                                     const std::vector<RowNodeId>& arguments,
                                     const std::vector<double>& parameters, const Signal& result) {
  const std::int64_t width = WidthOf(result.row_shape);
  if (function.name == "Mul" && IsShortInteger(result.datatype)) {
    return AddWrappedProduct(operands, arguments, result.datatype, width);
  }
  const RowNodeId node = function.name == "Div"
                             ? AddElementwise(operands, "IntegerDiv", arguments, {}, width)
                             : Simplified(operands, function, arguments, parameters, width);
  return AddKeptInType(operands, function.name, arguments, node, result.datatype, width);
}

absl::StatusOr<OnnxValues> Elementwise(const Operands& operands) {
  const ElementwiseFunction& function = *FunctionOf(operands.node);
  const absl::StatusOr<std::vector<double>> parameters = ParametersOf(operands, function);
  if (!parameters.ok()) return parameters.status();
  bool any_signal = false;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (operands.At(i) == nullptr) {
      return InputLeftOut(i);
    }
    any_signal = any_signal || IsSignal(operands, i);
  }
  if (!any_signal) return ElementwiseConstant(operands, function, *parameters);
  absl::StatusOr<Signal> result = CommonSignal(operands, function);
  if (!result.ok()) return result.status();
  if (function.name == "PRelu") {
    if (auto status = CheckSlopes(operands, *result); !status.ok()) return status;
  }
  std::vector<RowNodeId> arguments;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (IsSignal(operands, i)) {
      arguments.push_back(
          BroadcastSignal(operands, std::get<Signal>(*operands.At(i)), result->row_shape));
      continue;
    }
    const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, i);
    if (!constant.ok()) return constant.status();
    absl::StatusOr<std::vector<double>> values =
        BroadcastConstant(*constant, result->row_shape, operands.conversion.limits);
    if (!values.ok()) return values.status();
    arguments.push_back(AddConstant(operands, *std::move(values)));
    const int type = constant->tensor->data_type();
    operands.conversion.graph.At(arguments.back()).of_16_bits =
        type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16;
  }
  if (IsFloatingPoint(result->datatype) || function.makes_bool) {
    const RowNodeId node =
        Simplified(operands, function, arguments, *parameters, WidthOf(result->row_shape));
    return WithNode(*std::move(result), node);
  }
  const absl::StatusOr<RowNodeId> node =
      OfIntegers(operands, function, arguments, *parameters, *result);
  if (!node.ok()) return node.status();
  return WithNode(*std::move(result), *node);
}

// Exporters write the type's lowest or greatest number if there is no bound.
bool BoundsNothing(Datatype datatype, double bound, bool lower) {
  if (IsFloatingPoint(datatype)) return std::fabs(bound) > 3.4e38;
  const auto [lowest, count] = TypeRangeOf(datatype);
  return lower ? bound <= lowest : bound >= lowest + count - 1;
}

// The bounds are attributes up to operator set 10 and inputs from 11 on.
absl::StatusOr<OnnxValues> Clip(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const std::int64_t width = WidthOf(x->row_shape);
  RowNodeId node = x->node;
  for (const bool lower : {true, false}) {
    const OnnxAttribute attribute = {lower ? "min" : "max", AttributeProto::FLOAT};
    const std::size_t input = lower ? 1 : 2;
    std::vector<double> bound;
    if (FindAttribute(operands.node, attribute.name) != nullptr) {
      bound = {FloatAttribute(operands.node, attribute.name, 0.0F)};
    } else if (operands.At(input) != nullptr) {
      const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, input);
      if (!constant.ok()) return constant.status();
      absl::StatusOr<std::vector<double>> values =
          BroadcastConstant(*constant, x->row_shape, operands.conversion.limits);
      if (!values.ok()) return values.status();
      bound = *std::move(values);
    }
    if (bound.empty() || (bound.size() == 1 && BoundsNothing(x->datatype, bound[0], lower)))
      continue;
    const RowNodeId constant = AddConstant(operands, std::move(bound));
    node = AddElementwise(operands, lower ? "Max" : "Min", {node, constant}, {}, width);
  }
  return WithNode(*std::move(x), node);
}

absl::StatusOr<OnnxValues> Gelu(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const AttributeProto* approximate = FindAttribute(operands.node, "approximate");
  const bool by_tanh = approximate != nullptr && approximate->s() == "tanh";
  if (approximate != nullptr && !by_tanh && approximate->s() != "none") {
    return absl::InvalidArgumentError(absl::StrCat(
        "attribute 'approximate' is ", Quote(approximate->s()), "; expected 'none' or 'tanh'"));
  }
  const RowNodeId node =
      AddElementwise(operands, by_tanh ? "FastGelu" : "Gelu", {x->node}, {}, WidthOf(x->row_shape));
  return WithNode(*std::move(x), node);
}

}  // namespace

const std::vector<OnnxOperator>& ElementwiseOperators() {
  static const auto* const operators = [] {
    auto* all = new std::vector<OnnxOperator>{
        {"Clip", "", 1, 3, {{"max", AttributeProto::FLOAT}, {"min", AttributeProto::FLOAT}}, Clip},
        {"Gelu", "", 1, 1, {{"approximate", AttributeProto::STRING}}, Gelu},
    };
    for (const ElementwiseFunction& function : AllElementwiseFunctions()) {
      if (function.domain == kInternalDomain) continue;
      std::vector<OnnxAttribute> attributes;
      for (const ElementwiseParameter& parameter : function.parameters) {
        attributes.push_back(
            {parameter.name, parameter.integer ? AttributeProto::INT : AttributeProto::FLOAT});
      }
      all->push_back({function.name, function.domain, function.fewest_operands,
                      function.most_operands, std::move(attributes), Elementwise});
    }
    return all;
  }();
  return *operators;
}

}  // namespace mlp
