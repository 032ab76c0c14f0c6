// The operators that scale, normalise and fill rows, most of them scikit-learn's.

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

constexpr char kMl[] = "ai.onnx.ml";

// These operators accept numbers of any type and give floats.
absl::StatusOr<Signal> NumberSignal(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignalAt(operands, 0);
  if (!x.ok()) return x;
  if (x->row_shape.size() != 1) return FlatSignalAt(operands, 0);
  if (!IsFloatingPoint(x->datatype)) x->datatype = Datatype::kFp32;
  return x;
}

// The numbers of an attribute: one for all units, or one for each unit.
absl::StatusOr<std::vector<double>> ForUnits(const Operands& operands, absl::string_view name,
                                             std::int64_t units, double default_value) {
  const AttributeProto* attribute = FindAttribute(operands.node, name);
  if (attribute == nullptr || attribute->floats().empty()) {
    return std::vector<double>{default_value};
  }
  if (attribute->floats_size() != 1 && attribute->floats_size() != units) {
    return absl::InvalidArgumentError(absl::StrCat("attribute '", name, "' has ",
                                                   CountText(attribute->floats_size(), "value"),
                                                   "; expected 1 or ", units));
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
  return WithNode(*std::move(x), node);
}

OnnxValues Normalized(const Operands& operands, Signal x, Norm norm) {
  const RowNodeId node = AddRowOperation(operands, Normalization{norm}, {x.node}, x.row_shape[0]);
  return WithNode(std::move(x), node);
}

absl::StatusOr<OnnxValues> Normalizer(const Operands& operands) {
  absl::StatusOr<Signal> x = NumberSignal(operands);
  if (!x.ok()) return x.status();
  const AttributeProto* attribute = FindAttribute(operands.node, "norm");
  const std::string name = attribute == nullptr ? "MAX" : attribute->s();
  if (name == "L1") return Normalized(operands, *std::move(x), Norm::kL1);
  if (name == "L2") return Normalized(operands, *std::move(x), Norm::kL2);
  if (name == "MAX") {
    // skl2onnx writes this for scikit-learn's norm, which uses absolute values.
    const bool absolute = operands.conversion.from_skl2onnx;
    return Normalized(operands, *std::move(x), absolute ? Norm::kGreatest : Norm::kMax);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("attribute 'norm' is ", Quote(name), "; expected 'L1', 'L2' or 'MAX'"));
}

absl::StatusOr<OnnxValues> Imputer(const Operands& operands) {
  absl::StatusOr<Signal> x = FlatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<std::vector<double>> values =
      ForUnits(operands, "imputed_value_floats", x->row_shape[0], 0.0);
  if (!values.ok()) return values.status();
  Imputation imputation;
  imputation.missing = FloatAttribute(operands.node, "replaced_value_float", 0.0F);
  imputation.values.assign(values->begin(), values->end());
  const RowNodeId node =
      AddRowOperation(operands, std::move(imputation), {x->node}, x->row_shape[0]);
  return WithNode(*std::move(x), node);
}

// Inference drops nothing. The ratio and the mode may be inputs; the mask output is not supported.
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
      return absl::UnimplementedError(
          "training_mode is true; supported is false, as the model is exported for inference "
          "(model.eval() in PyTorch)");
    }
  }
  return SingleValue(*std::move(x));
}

}  // namespace

const std::vector<OnnxOperator>& RowOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
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
      {"Normalizer", kMl, 1, 1, {{"norm", AttributeProto::STRING}}, Normalizer},
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
