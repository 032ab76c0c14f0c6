// The operators that become layers: products with trained matrices.

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/product_operators.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The matrix with its dimensions exchanged.
absl::StatusOr<OnnxConstant> TransposedMatrix(OnnxConstant constant) {
  if (constant.tensor->dims_size() != 2) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                 ShapeText(constant.Dimensions()),
                                                 "; supported are weights that are a matrix"));
  }
  constant.transposed = !constant.transposed;
  return constant;
}

// Whether input 0 has one vector for each row and input 1 is a constant matrix.
bool IsPlainLayer(const Operands& operands) {
  if (!IsSignal(operands, 0)) return false;
  const auto& x = std::get<Signal>(*operands.At(0));
  const auto* weights =
      operands.At(1) == nullptr ? nullptr : std::get_if<OnnxConstant>(operands.At(1));
  return x.row_shape.size() == 1 && x.batch_axis == 0 && !x.folded && weights != nullptr &&
         weights->tensor->dims_size() == 2 && !weights->for_each_row;
}

// Products with more dimensions, and products of two signals.
absl::StatusOr<OnnxValue> MultiplyMatrices(const Operands& operands, float factor) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (operands.At(i) == nullptr) return InputLeftOut(i);
  }
  for (const char* name : {"transBatchA", "transBatchB"}) {
    if (IntegerAttribute(operands.node, name, 0) == 0) continue;
    return absl::UnimplementedError(
        absl::StrCat(name, " is not 0; supported is 0, with a Transpose before it instead"));
  }
  absl::StatusOr<OnnxValue> z =
      ProductOfMatrices(operands, IntegerAttribute(operands.node, "transA", 0) != 0,
                        IntegerAttribute(operands.node, "transB", 0) != 0);
  if (!z.ok() || factor == 1.0F) return z;
  if (!std::holds_alternative<Signal>(*z)) {
    return absl::UnimplementedError(
        "it scales a product of constants; supported is alpha 1, so fold constants when exporting "
        "the model");
  }
  auto signal = std::get<Signal>(*std::move(z));
  signal.node = AddWithNumber(operands, "Mul", signal.node, factor, WidthOf(signal.row_shape));
  return signal;
}

// x W, where W is the matrix at input 1.
absl::StatusOr<Signal> Multiply(const Operands& operands, bool transpose, float factor) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 1);
  if (constant.ok() && transpose) constant = TransposedMatrix(*constant);
  if (!constant.ok()) return constant.status();
  const std::vector<std::int64_t> dimensions = constant->Dimensions();
  if (dimensions.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat("its weights (", constant->Text(),
                                                   ") have dimensions ", ShapeText(dimensions),
                                                   "; expected a matrix"));
  }
  if (x->row_shape.size() != 1) return FlatSignalAt(operands, 0);
  if (dimensions[0] != x->row_shape[0]) {
    return absl::InvalidArgumentError(
        absl::StrCat("its weights (", constant->Text(), ") have dimensions ", ShapeText(dimensions),
                     transpose ? ", transposed" : "", "; expected [", x->row_shape[0], ",units]"));
  }
  if (dimensions[1] < 1 || dimensions[1] > Network::kMaxWidth) {
    return absl::UnimplementedError(absl::StrCat(
        "its weights (", constant->Text(), ") make a layer of ", CountText(dimensions[1], "unit"),
        "; supported are 1 to ", Network::kMaxWidth));
  }
  absl::StatusOr<FloatTensor> weights = ReadFloats(*constant, operands.conversion.limits);
  if (!weights.ok()) return weights.status();
  if (factor != 1.0F) {
    for (float& weight : weights->values) weight *= factor;
  }
  x->node = AddRowOperation(operands, Dense{std::move(weights->values)}, {x->node}, dimensions[1]);
  x->row_shape = {dimensions[1]};
  return x;
}

// Adds `factor` times input 2, which is a constant or rows.
absl::StatusOr<OnnxValues> AddThird(const Operands& operands, Signal z, float factor) {
  if (operands.At(2) == nullptr || factor == 0.0F) return SingleValue(std::move(z));
  const std::int64_t width = WidthOf(z.row_shape);
  RowNodeId added = -1;
  if (IsSignal(operands, 2)) {
    absl::StatusOr<Signal> c = FlatSignalAt(operands, 2);
    if (!c.ok()) return c.status();
    if (c->row_shape != z.row_shape) {
      return absl::UnimplementedError(
          absl::StrCat(InputText(operands, 2), " has rows of shape ", ShapeText(c->row_shape),
                       "; supported is that of the product, ", ShapeText(z.row_shape)));
    }
    added = c->node;
    if (factor != 1.0F) {
      added = AddWithNumber(operands, "Mul", added, factor, width);
    }
  } else {
    const absl::StatusOr<OnnxConstant> c = AnyConstantAt(operands, 2);
    if (!c.ok()) return c.status();
    absl::StatusOr<std::vector<double>> values =
        BroadcastConstant(*c, z.row_shape, operands.conversion.limits);
    if (!values.ok()) return values.status();
    for (double& value : *values) value *= factor;
    // Checked for biases only: in an Add, infinity may belong to a mask.
    const auto broken = std::find_if_not(values->begin(), values->end(),
                                         [](double value) { return std::isfinite(value); });
    if (broken != values->end()) {
      return absl::InvalidArgumentError(absl::StrCat("its biases (", c->Text(), ") hold ", *broken,
                                                     " at position ", broken - values->begin(),
                                                     "; expected finite numbers"));
    }
    added = AddConstant(operands, *std::move(values));
  }
  const RowNodeId sum = AddElementwise(operands, "Add", {z.node, added}, {}, width);
  return WithNode(std::move(z), sum);
}

absl::Status CheckNotTransposed(const Operands& operands) {
  for (const char* name : {"transA", "transBatchA", "transBatchB"}) {
    if (IntegerAttribute(operands.node, name, 0) != 0) {
      return absl::UnimplementedError(
          absl::StrCat(name, " is not 0, so rows would become columns; supported is 0"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<OnnxValues> Gemm(const Operands& operands) {
  const float alpha = FloatAttribute(operands.node, "alpha", 1.0F);
  const float beta = FloatAttribute(operands.node, "beta", 1.0F);
  if (!IsPlainLayer(operands)) {
    absl::StatusOr<OnnxValue> z = MultiplyMatrices(operands, alpha);
    if (!z.ok()) return z.status();
    if (operands.At(2) == nullptr || beta == 0.0F) return SingleValue(*std::move(z));
    if (!std::holds_alternative<Signal>(*z)) {
      return absl::UnimplementedError(
          "it adds to a product of constants; supported are products of values that are computed "
          "from the network's input, so fold constants when exporting the model");
    }
    auto signal = std::get<Signal>(*std::move(z));
    if (signal.batch_axis != 0) {
      return absl::UnimplementedError(
          "it adds to a product with the batch in dimension 1; supported is dimension 0");
    }
    return AddThird(operands, std::move(signal), beta);
  }
  if (auto status = CheckNotTransposed(operands); !status.ok()) return status;
  absl::StatusOr<Signal> z =
      Multiply(operands, IntegerAttribute(operands.node, "transB", 0) != 0, alpha);
  if (!z.ok()) return z.status();
  return AddThird(operands, *std::move(z), beta);
}

// ONNX Runtime's Gemm followed by an activation.
absl::StatusOr<OnnxValues> FusedGemm(const Operands& operands) {
  absl::StatusOr<OnnxValues> z = Gemm(operands);
  const AttributeProto* activation = FindAttribute(operands.node, "activation");
  if (!z.ok() || activation == nullptr || activation->s().empty()) return z;
  const ElementwiseFunction* function = FindElementwiseFunction("", activation->s());
  if (function == nullptr || function->most_operands != 1) {
    return absl::UnimplementedError(absl::StrCat("attribute 'activation' is ",
                                                 Quote(activation->s()), "; supported are ",
                                                 "ONNX's activations of one input, as 'Relu'"));
  }
  std::vector<double> parameters;
  for (const ElementwiseParameter& parameter : function->parameters) {
    parameters.push_back(FloatAttribute(operands.node, absl::StrCat("activation_", parameter.name),
                                        parameter.default_value));
  }
  auto& signal = std::get<Signal>(z->front());
  const RowNodeId node = AddElementwise(operands, function->name, {signal.node},
                                        std::move(parameters), WidthOf(signal.row_shape));
  return WithNode(std::move(signal), node);
}

absl::StatusOr<OnnxValues> MatMul(const Operands& operands) {
  if (!IsPlainLayer(operands)) {
    absl::StatusOr<OnnxValue> product =
        MultiplyMatrices(operands, FloatAttribute(operands.node, "alpha", 1.0F));
    if (!product.ok()) return product.status();
    return SingleValue(*std::move(product));
  }
  if (auto status = CheckNotTransposed(operands); !status.ok()) return status;
  absl::StatusOr<Signal> z = Multiply(operands, IntegerAttribute(operands.node, "transB", 0) != 0,
                                      FloatAttribute(operands.node, "alpha", 1.0F));
  if (!z.ok()) return z.status();
  return SingleValue(*std::move(z));
}

}  // namespace

const std::vector<OnnxOperator>& LayerOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"FusedGemm",
       "com.microsoft",
       2,
       3,
       {{"activation", AttributeProto::STRING},
        {"activation_alpha", AttributeProto::FLOAT},
        {"activation_beta", AttributeProto::FLOAT},
        {"activation_gamma", AttributeProto::FLOAT},
        {"alpha", AttributeProto::FLOAT},
        {"beta", AttributeProto::FLOAT},
        {"transA", AttributeProto::INT},
        {"transB", AttributeProto::INT}},
       FusedGemm},
      {"FusedMatMul",
       "com.microsoft",
       2,
       2,
       {{"alpha", AttributeProto::FLOAT},
        {"transA", AttributeProto::INT},
        {"transB", AttributeProto::INT},
        {"transBatchA", AttributeProto::INT},
        {"transBatchB", AttributeProto::INT}},
       MatMul},
      {"Gemm",
       "",
       2,
       3,
       {{"alpha", AttributeProto::FLOAT},
        {"beta", AttributeProto::FLOAT},
        {"transA", AttributeProto::INT},
        {"transB", AttributeProto::INT}},
       Gemm},
      {"MatMul", "", 2, 2, {}, MatMul},
  };
  return *operators;
}

}  // namespace mlp
