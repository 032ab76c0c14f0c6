// Writes activations as ONNX: as one operator, or as a formula of several.

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/writer/layer_writer.h"

namespace mlp {
namespace {

// How an activation that is one operator is written: its parameters are the operator's attributes.
struct ActivationOperator {
  ActivationKind kind;
  const char* operation;
};

constexpr ActivationOperator kActivationOperators[] = {
    {ActivationKind::kRelu, "Relu"},
    {ActivationKind::kLeakyRelu, "LeakyRelu"},
    {ActivationKind::kThresholdedRelu, "ThresholdedRelu"},
    {ActivationKind::kHardSigmoid, "HardSigmoid"},
    {ActivationKind::kHardSwish, "HardSwish"},
    {ActivationKind::kSigmoid, "Sigmoid"},
    {ActivationKind::kTanh, "Tanh"},
    {ActivationKind::kSoftsign, "Softsign"},
    {ActivationKind::kElu, "Elu"},
    {ActivationKind::kSelu, "Selu"},
    {ActivationKind::kCelu, "Celu"},
    {ActivationKind::kExponential, "Exp"},
    {ActivationKind::kSine, "Sin"},
    {ActivationKind::kSoftmax, "Softmax"},
    {ActivationKind::kLogSoftmax, "LogSoftmax"},
    {ActivationKind::kHardmax, "Hardmax"},
};

// Writes an activation as several operators, each of which makes a tensor of its own.
class Formula final {
 public:
  Formula(const Layer& layer, OnnxGraphWriter& writer) : name_(layer.name), writer_(writer) {}

  std::string Of(const std::string& operation, const std::vector<std::string>& inputs) {
    return writer_.AddStep(operation, inputs, absl::StrCat(name_, "_step"));
  }
  std::string Number(float value) {
    return writer_.AddFloats(absl::StrCat(name_, "_number"), {}, {value});
  }

 private:
  const std::string& name_;
  OnnxGraphWriter& writer_;
};

// z (1 + `inner`) / 2, the frame of both GELUs.
std::string GeluOf(const std::string& z, const std::string& inner, Formula& formula) {
  const std::string half = formula.Of("Mul", {z, formula.Number(0.5F)});
  return formula.Of("Mul", {half, formula.Of("Add", {inner, formula.Number(1.0F)})});
}

std::string TanhGelu(const std::string& z, Formula& formula) {
  const std::string square = formula.Of("Mul", {z, z});
  const std::string cube = formula.Of("Mul", {square, z});
  const std::string sum =
      formula.Of("Add", {z, formula.Of("Mul", {cube, formula.Number(0.044715F)})});
  const std::string scaled = formula.Of("Mul", {sum, formula.Number(0.7978845608F)});
  return GeluOf(z, formula.Of("Tanh", {scaled}), formula);
}

std::string Squareplus(const std::string& z, float b, Formula& formula) {
  const std::string square = formula.Of("Mul", {z, z});
  const std::string root = formula.Of("Sqrt", {formula.Of("Add", {square, formula.Number(b)})});
  return formula.Of("Mul", {formula.Of("Add", {z, root}), formula.Number(0.5F)});
}

// f(z) as a formula, or empty for an activation that has none here. The operators that newer sets
// have for some of them, e.g. Gelu, would ask for newer runtimes.
std::string WriteFormula(const Activation& activation, const std::string& z, Formula& formula) {
  const std::vector<float>& parameters = activation.parameters;
  switch (activation.kind) {
    case ActivationKind::kSilu:
      return formula.Of("Mul", {z, formula.Of("Sigmoid", {z})});
    case ActivationKind::kSwish: {
      const std::string scaled = formula.Of("Mul", {z, formula.Number(parameters[0])});
      return formula.Of("Mul", {z, formula.Of("Sigmoid", {scaled})});
    }
    case ActivationKind::kGelu: {
      const std::string scaled = formula.Of("Mul", {z, formula.Number(0.7071067812F)});
      return GeluOf(z, formula.Of("Erf", {scaled}), formula);
    }
    case ActivationKind::kGeluTanh:
      return TanhGelu(z, formula);
    case ActivationKind::kMish:
      return formula.Of("Mul", {z, formula.Of("Tanh", {formula.Of("Softplus", {z})})});
    case ActivationKind::kSoftplus:
      // ONNX's has no beta, and no threshold, which changes no float from 20 on.
      return parameters[0] == 1.0F && parameters[1] >= 20.0F ? formula.Of("Softplus", {z}) : "";
    case ActivationKind::kLogSigmoid:
      return formula.Of("Neg", {formula.Of("Softplus", {formula.Of("Neg", {z})})});
    case ActivationKind::kSquareplus:
      return Squareplus(z, parameters[0], formula);
    case ActivationKind::kTanhShrink:
      return formula.Of("Sub", {z, formula.Of("Tanh", {z})});
    case ActivationKind::kThreshold: {
      // As PyTorch has it, NaN being not at or below.
      const std::string below = formula.Of("LessOrEqual", {z, formula.Number(parameters[0])});
      return formula.Of("Where", {below, formula.Number(parameters[1]), z});
    }
    case ActivationKind::kRelu6:
      return formula.Of("Clip", {z, formula.Number(0.0F), formula.Number(6.0F)});
    case ActivationKind::kHardTanh:
      // An input without a name is not given.
      return formula.Of("Clip",
                        {z, std::isfinite(parameters[0]) ? formula.Number(parameters[0]) : "",
                         std::isfinite(parameters[1]) ? formula.Number(parameters[1]) : ""});
    default:
      return "";
  }
}

// Shrink with `lambda` and `bias` is z - bias above lambda, z + bias below -lambda, and else 0.
std::string WriteShrink(const Layer& layer, const std::string& z, OnnxGraphWriter& writer) {
  const float lambda = layer.activation.parameters[0];
  std::string a = writer.AddStep("Shrink", {z}, layer.name);
  SetFloat(writer.last(), "lambd", lambda);
  SetFloat(writer.last(), "bias",
           layer.activation.kind == ActivationKind::kSoftShrink ? lambda : 0.0F);
  return a;
}

}  // namespace

absl::StatusOr<std::string> WriteActivation(const Layer& layer, const std::string& z,
                                            OnnxGraphWriter& writer) {
  const Activation& activation = layer.activation;
  if (activation.kind == ActivationKind::kIdentity) return z;
  const ActivationInfo& info = InfoOf(activation.kind);
  if (activation.kind == ActivationKind::kPrelu) {
    const std::string slopes = writer.AddFloats(
        absl::StrCat(layer.name, "_slopes"),
        {static_cast<std::int64_t>(activation.unit_alpha.size())}, activation.unit_alpha);
    return writer.AddStep("PRelu", {z, slopes}, layer.name);
  }
  for (const ActivationOperator& known : kActivationOperators) {
    if (known.kind != activation.kind) continue;
    std::string a = writer.AddStep(known.operation, {z}, layer.name);
    onnx::NodeProto& node = writer.last();
    for (std::size_t i = 0; i < info.parameters.size(); ++i) {
      SetFloat(node, std::string(info.parameters[i].name), activation.parameters[i]);
    }
    if (!info.elementwise) SetInteger(node, "axis", -1);
    return a;
  }
  if (activation.kind == ActivationKind::kSoftShrink ||
      activation.kind == ActivationKind::kHardShrink) {
    return WriteShrink(layer, z, writer);
  }
  Formula formula(layer, writer);
  std::string a = WriteFormula(activation, z, formula);
  if (!a.empty()) return a;
  return absl::UnimplementedError(
      absl::StrCat("layer '", layer.name, "' has the activation ", info.name,
                   ", which is not written as ONNX; the native format holds it"));
}

}  // namespace mlp
