// The operators that scale, normalise, fill and quantise rows, most of them scikit-learn's.

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_broadcast.h"
#include "model/formats/onnx_operands.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kMl[] = "ai.onnx.ml";

// These take numbers of any type, and give floats.
absl::StatusOr<Signal> NumberSignal(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x;
  if (x->row_shape.size() != 1) return FlatSignalAt(operands, 0);
  if (!IsFloatingPoint(x->datatype)) x->datatype = Datatype::kFp32;
  return x;
}

// The numbers of an attribute: one for all units, or one for each.
absl::StatusOr<std::vector<double>> ForUnits(const Operands& operands, absl::string_view name,
                                             std::int64_t units, double otherwise) {
  const AttributeProto* attribute = FindAttribute(operands.node, name);
  if (attribute == nullptr || attribute->floats().empty()) return std::vector<double>{otherwise};
  if (attribute->floats_size() != 1 && attribute->floats_size() != units) {
    return absl::InvalidArgumentError(absl::StrCat(
        "attribute '", name, "' has ", attribute->floats_size(), " values; expected 1 or ", units));
  }
  const auto bytes = static_cast<std::int64_t>(attribute->floats_size() * sizeof(double));
  if (auto status = TakeBytes("its attributes", bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  return std::vector<double>(attribute->floats().begin(), attribute->floats().end());
}

absl::StatusOr<OnnxValues> Scaler(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignal(operands);
  if (!x.ok()) return x.status();
  const std::int64_t width = x->row_shape[0];
  absl::StatusOr<std::vector<double>> offset = ForUnits(operands, "offset", width, 0.0);
  if (!offset.ok()) return offset.status();
  absl::StatusOr<std::vector<double>> scale = ForUnits(operands, "scale", width, 1.0);
  if (!scale.ok()) return scale.status();
  RowNodeId node =
      AddElementwise(operands, "Sub", {x->node, AddConstant(operands, *offset)}, {}, width);
  node = AddElementwise(operands, "Mul", {node, AddConstant(operands, *scale)}, {}, width);
  return Replaced(*std::move(x), node);
}

OnnxValues Normalized(const Operands& operands, Signal x, Norm norm) {
  RowNode node = NewRowNode(operands, RowOperation::kNormalize, x.row_shape[0]);
  node.operands = {x.node};
  node.norm = norm;
  return Replaced(std::move(x), operands.conversion.graph.Add(std::move(node)));
}

absl::StatusOr<OnnxValues> Normalizer(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignal(operands);
  if (!x.ok()) return x.status();
  const AttributeProto* attribute = FindAttribute(operands.node, "norm");
  const std::string name = attribute == nullptr ? "MAX" : attribute->s();
  if (name == "L1") return Normalized(operands, *std::move(x), Norm::kL1);
  if (name == "L2") return Normalized(operands, *std::move(x), Norm::kL2);
  if (name == "MAX") {
    // skl2onnx writes this for scikit-learn's norm, which is of absolute values.
    const bool absolute = operands.conversion.from_skl2onnx;
    return Normalized(operands, *std::move(x), absolute ? Norm::kGreatest : Norm::kMax);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("attribute 'norm' is ", Quote(name), "; expected 'L1', 'L2' or 'MAX'"));
}

absl::StatusOr<OnnxValues> LpNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", -1)); !status.ok()) {
    return status;
  }
  const std::int64_t p = IntegerAttribute(operands.node, "p", 2);
  if (p != 1 && p != 2) {
    return absl::UnimplementedError(absl::StrCat("p is ", p, "; supported are 1 and 2"));
  }
  return Normalized(operands, *std::move(x), p == 1 ? Norm::kL1 : Norm::kL2);
}

// LayerNormalization and RMSNormalization: rows by their own spread, then a scale and a shift by
// unit.
template <Norm norm>
absl::StatusOr<OnnxValues> NormalizeSpread(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (auto status = CheckUnitsAxis(IntegerAttribute(operands.node, "axis", -1)); !status.ok()) {
    return status;
  }
  const std::int64_t width = x->row_shape[0];
  RowNode node = NewRowNode(operands, RowOperation::kNormalize, width);
  node.operands = {x->node};
  node.norm = norm;
  node.epsilon = FloatAttribute(operands.node, "epsilon", 1e-5F);
  RowNodeId made = operands.conversion.graph.Add(std::move(node));
  for (const std::size_t index : {std::size_t{1}, std::size_t{2}}) {
    if (operands.At(index) == nullptr) continue;
    const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
    if (!constant.ok()) return constant.status();
    absl::StatusOr<std::vector<double>> values =
        BroadcastConstant(*constant, x->row_shape, operands.conversion.limits);
    if (!values.ok()) return values.status();
    const RowNodeId operand = AddConstant(operands, *std::move(values));
    made = AddElementwise(operands, index == 1 ? "Mul" : "Add", {made, operand}, {}, width);
  }
  return Replaced(*std::move(x), made);
}

absl::StatusOr<OnnxValues> Imputer(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<std::vector<double>> values =
      ForUnits(operands, "imputed_value_floats", x->row_shape[0], 0.0);
  if (!values.ok()) return values.status();
  RowNode node = NewRowNode(operands, RowOperation::kImpute, x->row_shape[0]);
  node.operands = {x->node};
  node.values = *std::move(values);
  node.missing = FloatAttribute(operands.node, "replaced_value_float", 0.0F);
  return Replaced(*std::move(x), operands.conversion.graph.Add(std::move(node)));
}

// In inference nothing is dropped. The ratio and the mode may be inputs, the mask is not served.
absl::StatusOr<OnnxValues> Dropout(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (operands.At(2) != nullptr) {
    const absl::StatusOr<OnnxConstant> training = ConstantAt(operands, 2);
    if (!training.ok()) return training.status();
    const absl::StatusOr<ConstantTensor<double>> mode =
        ReadNumbers(*training, operands.conversion.limits);
    if (!mode.ok()) return mode.status();
    if (mode->values.empty() || mode->values[0] != 0.0) {
      return absl::UnimplementedError("training_mode is true; supported is inference");
    }
  }
  return One(*std::move(x));
}

// ---- Quantised models: each tensor goes through QuantizeLinear and DequantizeLinear ----

struct QuantizedRange {
  double lowest;
  double highest;
};

absl::StatusOr<QuantizedRange> RangeOf(int type) {
  switch (type) {
    case onnx::TensorProto::INT8:
      return QuantizedRange{-128, 127};
    case onnx::TensorProto::UINT8:
      return QuantizedRange{0, 255};
    case onnx::TensorProto::INT16:
      return QuantizedRange{-32768, 32767};
    case onnx::TensorProto::UINT16:
      return QuantizedRange{0, 65535};
    default:
      return absl::UnimplementedError(absl::StrCat("it quantises to ", ElementTypeName(type),
                                                   "; supported are INT8 to UINT16"));
  }
}

// The scale at input 1 and the zero point at input 2: one for the tensor.
absl::StatusOr<Quantization> QuantizationOf(const Operands& operands) {
  const absl::StatusOr<OnnxConstant> scale = ConstantAt(operands, 1);
  if (!scale.ok()) return scale.status();
  const absl::StatusOr<FloatTensor> scales = ReadFloats(*scale, operands.conversion.limits);
  if (!scales.ok()) return scales.status();
  double zero_point = 0.0;
  int type =
      static_cast<int>(IntegerAttribute(operands.node, "output_dtype", onnx::TensorProto::UINT8));
  if (type == 0) type = onnx::TensorProto::UINT8;
  if (operands.At(2) != nullptr) {
    const absl::StatusOr<OnnxConstant> point = ConstantAt(operands, 2);
    if (!point.ok()) return point.status();
    const absl::StatusOr<ConstantTensor<double>> points =
        ReadNumbers(*point, operands.conversion.limits);
    if (!points.ok()) return points.status();
    if (points->values.size() != 1) {
      return absl::UnimplementedError("rows with several zero points are not supported");
    }
    zero_point = points->values[0];
    type = point->tensor->data_type();
  }
  if (scales->values.size() != 1) {
    return absl::UnimplementedError("rows with several scales are not supported");
  }
  const absl::StatusOr<QuantizedRange> range = RangeOf(type);
  if (!range.ok()) return range.status();
  return Quantization{scales->values[0], static_cast<float>(zero_point),
                      static_cast<float>(range->lowest), static_cast<float>(range->highest)};
}

Datatype QuantizedDatatypeOf(const Quantization& quantization) {
  const bool is_signed = quantization.lowest < 0.0F;
  if (quantization.highest - quantization.lowest > 255.0F) {
    return is_signed ? Datatype::kInt16 : Datatype::kUint16;
  }
  return is_signed ? Datatype::kInt8 : Datatype::kUint8;
}

// The row node stands for both operators; until the second one comes, its signal is of integers,
// which no other operator takes.
absl::StatusOr<OnnxValues> QuantizeLinear(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<Quantization> quantization = QuantizationOf(operands);
  if (!quantization.ok()) return quantization.status();
  RowNode node = NewRowNode(operands, RowOperation::kQuantize, WidthOf(x->row_shape));
  node.operands = {x->node};
  node.quantization = *quantization;
  x->datatype = QuantizedDatatypeOf(*quantization);
  return Replaced(*std::move(x), operands.conversion.graph.Add(std::move(node)));
}

absl::StatusOr<OnnxValues> DequantizeRows(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const RowNode& node = operands.conversion.graph.At(x->node);
  const absl::StatusOr<Quantization> quantization = QuantizationOf(operands);
  if (!quantization.ok()) return quantization.status();
  if (node.operation != RowOperation::kQuantize || node.quantization.scale != quantization->scale ||
      node.quantization.zero_point != quantization->zero_point ||
      x->datatype != QuantizedDatatypeOf(*quantization)) {
    return absl::UnimplementedError(
        "supported is a QuantizeLinear of the same scale and zero point in front of it");
  }
  x->datatype = Datatype::kFp32;
  return One(*std::move(x));
}

// The values along `axis` that scales and zero points count along: how many follow one another.
std::int64_t StrideOf(const std::vector<std::int64_t>& dimensions, std::int64_t axis) {
  std::int64_t stride = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < dimensions.size(); ++i) {
    stride *= dimensions[i];
  }
  return stride;
}

// (x - zero_point) * scale of trained values.
absl::StatusOr<OnnxValues> DequantizeConstant(const Operands& operands) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<OnnxConstant> scale = ConstantAt(operands, 1);
  if (!scale.ok()) return scale.status();
  ConstantLimits& limits = operands.conversion.limits;
  const absl::StatusOr<ConstantTensor<double>> x = ReadNumbers(*constant, limits);
  if (!x.ok()) return x.status();
  const absl::StatusOr<ConstantTensor<double>> scales = ReadNumbers(*scale, limits);
  if (!scales.ok()) return scales.status();
  ConstantTensor<double> points{{}, {0.0}};
  if (operands.At(2) != nullptr) {
    const absl::StatusOr<OnnxConstant> point = ConstantAt(operands, 2);
    if (!point.ok()) return point.status();
    absl::StatusOr<ConstantTensor<double>> read = ReadNumbers(*point, limits);
    if (!read.ok()) return read.status();
    points = *std::move(read);
  }
  const auto rank = static_cast<std::int64_t>(x->dimensions.size());
  std::int64_t axis = IntegerAttribute(operands.node, "axis", 1);
  if (axis < 0) axis += rank;
  const bool by_axis = scales->values.size() != 1;
  const bool fits = !by_axis || (axis >= 0 && axis < rank &&
                                 static_cast<std::int64_t>(scales->values.size()) ==
                                     x->dimensions[static_cast<std::size_t>(axis)]);
  if (!fits || scales->values.empty() ||
      (points.values.size() != 1 && points.values.size() != scales->values.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("its scales have dimensions ", ShapeText(scales->dimensions),
                     ", which do not fit ", ShapeText(x->dimensions)));
  }
  const std::int64_t stride = by_axis ? StrideOf(x->dimensions, axis) : 1;
  if (auto status = TakeBytes("the numbers that it makes",
                              static_cast<std::int64_t>(x->values.size() * sizeof(float)), limits);
      !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  made.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dimension : x->dimensions) made.add_dims(dimension);
  made.mutable_float_data()->Reserve(static_cast<int>(x->values.size()));
  for (std::size_t i = 0; i < x->values.size(); ++i) {
    const std::size_t index =
        by_axis ? i / static_cast<std::size_t>(stride) % scales->values.size() : 0;
    const double point = points.values[points.values.size() == 1 ? 0 : index];
    made.add_float_data(static_cast<float>((x->values[i] - point) * scales->values[index]));
  }
  return One(OnnxConstant{&made, false});
}

absl::StatusOr<OnnxValues> DequantizeLinear(const Operands& operands) {
  return IsSignal(operands, 0) ? DequantizeRows(operands) : DequantizeConstant(operands);
}

}  // namespace

const std::vector<OnnxOperator>& RowOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"DequantizeLinear",
       "",
       2,
       3,
       {{"axis", AttributeProto::INT},
        {"block_size", AttributeProto::INT},
        {"output_dtype", AttributeProto::INT}},
       DequantizeLinear},
      {"Dropout",
       "",
       1,
       3,
       {{"ratio", AttributeProto::FLOAT}, {"seed", AttributeProto::INT}},
       Dropout},
      {"Imputer",
       kMl,
       1,
       1,
       {{"imputed_value_floats", AttributeProto::FLOATS},
        {"replaced_value_float", AttributeProto::FLOAT}},
       Imputer},
      {"LayerNormalization",
       "",
       2,
       3,
       {{"axis", AttributeProto::INT},
        {"epsilon", AttributeProto::FLOAT},
        {"stash_type", AttributeProto::INT}},
       NormalizeSpread<Norm::kStandard>},
      {"LpNormalization",
       "",
       1,
       1,
       {{"axis", AttributeProto::INT}, {"p", AttributeProto::INT}},
       LpNormalization},
      {"Normalizer", kMl, 1, 1, {{"norm", AttributeProto::STRING}}, Normalizer},
      {"QuantizeLinear",
       "",
       2,
       3,
       {{"axis", AttributeProto::INT},
        {"block_size", AttributeProto::INT},
        {"output_dtype", AttributeProto::INT},
        {"precision", AttributeProto::INT},
        {"saturate", AttributeProto::INT}},
       QuantizeLinear},
      {"RMSNormalization",
       "",
       2,
       2,
       {{"axis", AttributeProto::INT},
        {"epsilon", AttributeProto::FLOAT},
        {"stash_type", AttributeProto::INT}},
       NormalizeSpread<Norm::kRms>},
      {"Scaler",
       kMl,
       1,
       1,
       {{"offset", AttributeProto::FLOATS}, {"scale", AttributeProto::FLOATS}},
       Scaler},
  };
  return *operators;
}

}  // namespace mlp
