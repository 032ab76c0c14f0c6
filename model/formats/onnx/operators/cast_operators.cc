// Cast of rows, constants and labels.
//
// Models of 16-bit floats, doubles and integers are evaluated in FP32: a cast between
// floating-point types or to a wider integer changes nothing, and integers are exact up to 2^24.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/lookups.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

absl::Status NotCast(absl::string_view what, std::int64_t type) {
  return absl::UnimplementedError(absl::StrCat("it casts ", what, " to type ",
                                               ElementTypeName(static_cast<int>(type)),
                                               "; supported are casts between numbers and BOOL"));
}

// As for rows: floats outside a 32-bit type become its lowest value, and integers wrap around.
absl::StatusOr<OnnxValues> IntegersOfConstant(const Operands& operands, OnnxConstant constant,
                                              ConstantTensor<double> numbers, Datatype datatype,
                                              std::int64_t type) {
  const bool wraps = IsShortInteger(datatype) || IsIntegerAt(operands, 0);
  const auto [lowest, count] = TypeRangeOf(datatype);
  for (double& number : numbers.values) {
    if (!(number > -1e15 && number < 1e15)) {
      return absl::UnimplementedError(absl::StrCat(
          "it casts the constant ", number, " to type ", ElementTypeName(static_cast<int>(type)),
          "; supported are numbers between -10^15 and 10^15"));
    }
    number = std::trunc(number);
    if (datatype == Datatype::kUint64 && number < 0.0) return NegativeOfUint64(number);
    if (number >= lowest && number < lowest + count) continue;
    number = wraps ? WrappedInteger(number, datatype) : lowest;
  }
  const std::vector<std::int64_t> dimensions(constant.tensor->dims().begin(),
                                             constant.tensor->dims().end());
  const absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, dimensions, numbers.values, static_cast<int>(type));
  if (!made.ok()) return made.status();
  constant.tensor = made->tensor;
  return SingleValue(constant);
}

absl::StatusOr<OnnxValues> CastConstant(const Operands& operands, std::int64_t type) {
  const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  if (constant->tensor->data_type() == type) return SingleValue(*constant);
  const std::optional<Datatype> datatype = DatatypeOf(static_cast<int>(type));
  if (!datatype.has_value()) return NotCast(constant->Text(), type);
  absl::StatusOr<ConstantTensor<double>> numbers =
      IsFloatingPoint(*datatype)
          ? ReadRoundedNumbers({constant->tensor, false}, operands.conversion.limits)
          : ReadNumbers({constant->tensor, false}, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  if (!IsFloatingPoint(*datatype) && *datatype != Datatype::kBool) {
    return IntegersOfConstant(operands, *constant, *std::move(numbers), *datatype, type);
  }
  const auto bytes = static_cast<std::int64_t>(numbers->values.size() * sizeof(std::int64_t));
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  *made.mutable_dims() = constant->tensor->dims();
  if (*datatype == Datatype::kBool) {
    for (double& number : numbers->values) number = number != 0.0 ? 1.0 : 0.0;
  }
  FillTensor(numbers->values,
             *datatype == Datatype::kBool ? onnx::TensorProto::BOOL : onnx::TensorProto::FLOAT,
             made);
  return SingleValue(OnnxConstant{&made, constant->transposed, constant->for_each_row});
}

// Sizes remain a list if cast to integers, and become a constant if cast to floats: dividing them
// then does not truncate. A list that contains the number of rows cannot be a constant.
absl::StatusOr<OnnxValues> CastList(const Operands& operands, const ShapeList& list,
                                    std::int64_t type) {
  const std::optional<Datatype> datatype = DatatypeOf(static_cast<int>(type));
  const bool is_known = std::none_of(list.entries.begin(), list.entries.end(),
                                     [](std::int64_t entry) { return TimesOfBatch(entry) > 0; });
  if (!datatype.has_value() || !IsFloatingPoint(*datatype) || !is_known) return SingleValue(list);
  std::vector<std::int64_t> dimensions;
  if (!list.scalar) dimensions.push_back(static_cast<std::int64_t>(list.entries.size()));
  const std::vector<double> values(list.entries.begin(), list.entries.end());
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, dimensions, values, onnx::TensorProto::FLOAT);
  if (!made.ok()) return made.status();
  return SingleValue(*std::move(made));
}

// A label remains a label until something computes with it.
absl::StatusOr<OnnxValues> CastDecision(const Operands& operands, std::int64_t type) {
  auto decision = std::get<Decision>(*operands.At(0));
  const std::optional<Datatype> to = DatatypeOf(static_cast<int>(type));
  if (decision.datatype == Datatype::kBytes) {
    if (type == onnx::TensorProto::STRING) return SingleValue(std::move(decision));
    return NotCast("strings", type);
  }
  if (!to.has_value()) return NotCast("labels", type);
  if (*to == Datatype::kBool && decision.kind == OutputKind::kLabel) {
    absl::StatusOr<Signal> signal = SignalOfDecision(operands, decision);
    if (!signal.ok()) return signal.status();
    signal = CastSignal(operands, *std::move(signal), *to);
    if (!signal.ok()) return signal.status();
    return SingleValue(*std::move(signal));
  }
  decision.datatype = *to;
  return SingleValue(std::move(decision));
}

// The attributes saturate and round_mode only affect casts to 8-bit floats.
absl::StatusOr<OnnxValues> Cast(const Operands& operands) {
  const std::int64_t type = IntegerAttribute(operands.node, "to", 0);
  const OnnxValue* value = operands.At(0);
  if (value == nullptr) return InputLeftOut(0);
  if (std::holds_alternative<ShapeList>(*value)) {
    return CastList(operands, std::get<ShapeList>(*value), type);
  }
  if (std::holds_alternative<OnnxConstant>(*value)) return CastConstant(operands, type);
  if (std::holds_alternative<Decision>(*value)) return CastDecision(operands, type);
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (x->datatype == Datatype::kBytes && type == onnx::TensorProto::STRING) {
    return SingleValue(*std::move(x));
  }
  const std::optional<Datatype> to = DatatypeOf(static_cast<int>(type));
  if (!to.has_value() || x->datatype == Datatype::kBytes) {
    return NotCast(absl::StrCat("elements of type ", ElementTypeName(x->datatype)), type);
  }
  x = CastSignal(operands, *std::move(x), *to);
  if (!x.ok()) return x.status();
  return SingleValue(*std::move(x));
}

}  // namespace

absl::StatusOr<Signal> CastSignal(const Operands& operands, Signal signal, Datatype to) {
  const Datatype from = std::exchange(signal.datatype, to);
  const std::int64_t width = WidthOf(signal.row_shape);
  if (!IsFloatingPoint(from)) BoundInteger(operands, signal.node, from);
  if (from == to || from == Datatype::kBool || IsFloatingPoint(to)) return signal;
  if (to == Datatype::kBool) {
    const RowNodeId is_zero = AddElementwise(operands, "Not", {signal.node}, {}, width);
    signal.node = AddElementwise(operands, "Not", {is_zero}, {}, width);
  } else if (IsFloatingPoint(from) || IsShortInteger(to)) {
    signal.node = AddToInteger(operands, signal.node, to, width);
  } else if (TypeRangeOf(from).lowest < 0.0 && TypeRangeOf(to).lowest == 0.0) {
    WarnOfLongIntegers(operands, to);
  }
  return signal;
}

const std::vector<OnnxOperator>& CastOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Cast",
       "",
       1,
       1,
       {{"round_mode", AttributeProto::STRING},
        {"saturate", AttributeProto::INT},
        {"to", AttributeProto::INT}},
       Cast,
       true},
  };
  return *operators;
}

}  // namespace mlp
