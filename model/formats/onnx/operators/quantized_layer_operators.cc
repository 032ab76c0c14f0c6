// The operators that take integers with scales and give integers with other scales: layers that
// ONNX Runtime writes for quantised models without pairs of QuantizeLinear and DequantizeLinear.
// Each computes with the numbers that the integers represent and then rounds. Sources: ONNX's
// Operators.md and ONNX Runtime's ContribOperators.md.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/quantization.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// Rounds to the steps at input `scale`, if it is given.
absl::StatusOr<OnnxValues> QuantizedBy(const Operands& operands, Signal y, std::size_t scale) {
  if (operands.At(scale) == nullptr) return SingleValue(std::move(y));
  const absl::StatusOr<Steps> steps = StepsAt(operands, scale);
  if (!steps.ok()) return steps.status();
  absl::StatusOr<Signal> integers = Quantized(operands, y, *steps);
  if (!integers.ok()) return integers.status();
  return SingleValue(*std::move(integers));
}

// The inputs are A, its scale and zero point; B, its scale and zero point; optionally C, in steps
// of the product of both scales; then Y's scale and zero point.
absl::StatusOr<OnnxValues> QGemm(const Operands& operands) {
  if (IntegerAttribute(operands.node, "transA", 0) != 0) {
    return absl::UnimplementedError(
        "transA is not 0, so rows would become columns; supported is 0");
  }
  absl::StatusOr<Signal> x = DequantizedAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<Steps> of_x = StepsAt(operands, 1);
  absl::StatusOr<Steps> of_weights = StepsAt(operands, 4);
  if (!of_x.ok()) return of_x.status();
  if (!of_weights.ok()) return of_weights.status();
  const double alpha = FloatAttribute(operands.node, "alpha", 1.0F);
  Steps scaled = *of_weights;
  for (double& scale : scaled.scales) scale *= alpha;
  absl::StatusOr<FloatTensor> weights =
      DequantizedMatrix(operands, 3, IntegerAttribute(operands.node, "transB", 0) != 0, scaled);
  if (!weights.ok()) return weights.status();
  absl::StatusOr<Signal> y = TimesMatrix(operands, *std::move(x), *std::move(weights));
  if (!y.ok()) return y.status();
  if (operands.At(6) != nullptr) {
    const absl::StatusOr<OnnxConstant> bias = ConstantAt(operands, 6);
    if (!bias.ok()) return bias.status();
    absl::StatusOr<std::vector<double>> values =
        BroadcastConstant(*bias, y->row_shape, operands.conversion.limits);
    if (!values.ok()) return values.status();
    const auto width = static_cast<std::size_t>(WidthOf(y->row_shape));
    if (values->size() == 1) values->resize(width, values->front());
    for (std::size_t unit = 0; unit < width; ++unit) {
      (*values)[unit] *= of_x->scales[0] * scaled.scales[scaled.scales.size() == 1 ? 0 : unit];
    }
    y->node = AddElementwise(operands, "Add", {y->node, AddConstant(operands, *std::move(values))},
                             {}, static_cast<std::int64_t>(width));
  }
  return QuantizedBy(operands, *std::move(y), 7);
}

absl::StatusOr<OnnxValues> QLinearMatMul(const Operands& operands) {
  absl::StatusOr<Signal> x = DequantizedAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<Steps> of_weights = StepsAt(operands, 4);
  if (!of_weights.ok()) return of_weights.status();
  absl::StatusOr<FloatTensor> weights = DequantizedMatrix(operands, 3, false, *of_weights);
  if (!weights.ok()) return weights.status();
  absl::StatusOr<Signal> y = TimesMatrix(operands, *std::move(x), *std::move(weights));
  if (!y.ok()) return y.status();
  return QuantizedBy(operands, *std::move(y), 6);
}

// The numbers of integers that are rows, or of trained values broadcast to the rows' shape.
absl::StatusOr<RowNodeId> OperandAt(const Operands& operands, std::size_t index,
                                    const RowShape& row_shape) {
  if (IsSignal(operands, index)) {
    absl::StatusOr<Signal> x = DequantizedAt(operands, index);
    if (!x.ok()) return x.status();
    if (x->row_shape == row_shape) return x->node;
    return absl::UnimplementedError(absl::StrCat(InputText(operands, index), " has rows of shape ",
                                                 ShapeText(x->row_shape), "; supported is ",
                                                 ShapeText(row_shape), ", as the other input has"));
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<Steps> steps = StepsAt(operands, index + 1);
  if (!steps.ok()) return steps.status();
  if (!steps->is_one()) return SeveralScales(steps->scales.size());
  absl::StatusOr<std::vector<double>> values =
      BroadcastConstant(*constant, row_shape, operands.conversion.limits);
  if (!values.ok()) return values.status();
  for (double& value : *values) value = (value - steps->zero_points[0]) * steps->scales[0];
  return AddConstant(operands, *std::move(values));
}

// QLinearAdd and QLinearMul.
absl::StatusOr<OnnxValues> OfTwo(const Operands& operands, absl::string_view function) {
  const std::size_t rows = IsSignal(operands, 0) ? 0 : 3;
  absl::StatusOr<Signal> y = SignalAt(operands, rows);
  if (!y.ok()) return y.status();
  std::vector<RowNodeId> numbers;
  for (const std::size_t index : {std::size_t{0}, std::size_t{3}}) {
    const absl::StatusOr<RowNodeId> operand = OperandAt(operands, index, y->row_shape);
    if (!operand.ok()) return operand.status();
    numbers.push_back(*operand);
  }
  y->node = AddElementwise(operands, function, numbers, {}, WidthOf(y->row_shape));
  y->datatype = Datatype::kFp32;
  return QuantizedBy(operands, *std::move(y), 6);
}

absl::StatusOr<OnnxValues> QLinearAdd(const Operands& operands) { return OfTwo(operands, "Add"); }
absl::StatusOr<OnnxValues> QLinearMul(const Operands& operands) { return OfTwo(operands, "Mul"); }

absl::StatusOr<OnnxValues> Activated(const Operands& operands, absl::string_view function,
                                     std::vector<double> parameters) {
  absl::StatusOr<Signal> x = DequantizedAt(operands, 0);
  if (!x.ok()) return x.status();
  x->node =
      AddElementwise(operands, function, {x->node}, std::move(parameters), WidthOf(x->row_shape));
  return QuantizedBy(operands, *std::move(x), 3);
}

absl::StatusOr<OnnxValues> QLinearSigmoid(const Operands& operands) {
  return Activated(operands, "Sigmoid", {});
}

absl::StatusOr<OnnxValues> QLinearLeakyRelu(const Operands& operands) {
  return Activated(operands, "LeakyRelu", {FloatAttribute(operands.node, "alpha", 0.01F)});
}

absl::StatusOr<OnnxValues> QLinearSoftmax(const Operands& operands) {
  absl::StatusOr<Signal> x = DequantizedAt(operands, 0);
  if (!x.ok()) return x.status();
  if (x->row_shape.size() != 1) return NotFlat(operands, 0, *x);
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", -1)); !status.ok()) {
    return status;
  }
  x->node = AddRowFunction(operands, ActivationKind::kSoftmax, x->node, x->row_shape[0]);
  return QuantizedBy(operands, *std::move(x), 3);
}

// The inputs are Y's scale and zero point, then each part with its scale and zero point.
absl::StatusOr<OnnxValues> QLinearConcat(const Operands& operands) {
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", 1)); !status.ok()) {
    return status;
  }
  RowNode node = NewRowNode(operands, RowOperation::kConcat, 0);
  std::optional<Signal> joined;
  for (std::size_t i = 2; i + 1 < operands.inputs.size(); i += 3) {
    absl::StatusOr<Signal> x = DequantizedAt(operands, i);
    if (!x.ok()) return x.status();
    if (x->row_shape.size() != 1) return NotFlat(operands, i, *x);
    node.operands.push_back(x->node);
    node.width += x->row_shape[0];
    if (auto status = CheckRowWidth(node.width); !status.ok()) return status;
    joined = *std::move(x);
  }
  if (!joined.has_value()) {
    return absl::InvalidArgumentError(
        "it joins nothing; expected a tensor with its scale and its zero point, or more");
  }
  joined->row_shape = {node.width};
  joined->node = operands.conversion.graph.Add(std::move(node));
  return QuantizedBy(operands, *std::move(joined), 0);
}

}  // namespace

const std::vector<OnnxOperator>& QuantizedLayerOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"QGemm",
       kMicrosoftDomain,
       6,
       9,
       {{"alpha", AttributeProto::FLOAT},
        {"transA", AttributeProto::INT},
        {"transB", AttributeProto::INT}},
       QGemm},
      {"QLinearAdd", kMicrosoftDomain, 7, 8, {}, QLinearAdd},
      {"QLinearConcat",
       kMicrosoftDomain,
       5,
       kAnyNumberOfInputs,
       {{"axis", AttributeProto::INT}},
       QLinearConcat},
      {"QLinearLeakyRelu",
       kMicrosoftDomain,
       4,
       5,
       {{"alpha", AttributeProto::FLOAT}},
       QLinearLeakyRelu},
      {"QLinearMatMul", "", 8, 8, {}, QLinearMatMul},
      {"QLinearMul", kMicrosoftDomain, 7, 8, {}, QLinearMul},
      {"QLinearSigmoid", kMicrosoftDomain, 4, 5, {}, QLinearSigmoid},
      {"QLinearSoftmax",
       kMicrosoftDomain,
       4,
       5,
       {{"axis", AttributeProto::INT}, {"opset", AttributeProto::INT}},
       QLinearSoftmax},
  };
  return *operators;
}

}  // namespace mlp
