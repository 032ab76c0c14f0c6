#include "model/formats/onnx/writer/layer_writer.h"

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/writer/operation_writer.h"

namespace mlp {
namespace {

// A value for each unit, as a constant of the layer.
std::string AddForUnits(const Layer& layer, const char* what, const std::vector<float>& values,
                        OnnxGraphWriter& writer) {
  return writer.AddFloats(absl::StrCat(layer.name, "_", what), {layer.units}, values);
}

std::string WriteDense(const Layer& layer, const std::string& x, OnnxGraphWriter& writer) {
  const std::string weights = writer.AddFloats(absl::StrCat(layer.name, "_weights"),
                                               {layer.inputs, layer.units}, layer.weights);
  const std::string bias = AddForUnits(layer, "bias", layer.bias, writer);
  return writer.AddStep("Gemm", {x, weights, bias}, absl::StrCat(layer.name, "_z"));
}

// In pairs from the left, as the evaluator does it.
std::string WriteFold(const Layer& layer, const std::string& operation,
                      const std::vector<std::string>& sources, OnnxGraphWriter& writer) {
  std::string z = sources[0];
  for (std::size_t i = 1; i < sources.size(); ++i) {
    z = writer.AddStep(operation, {z, sources[i]}, absl::StrCat(layer.name, "_z"));
  }
  return z;
}

std::string WriteAffine(const Layer& layer, const std::string& x, OnnxGraphWriter& writer) {
  std::string z = x;
  if (!layer.center.empty()) {
    z = writer.AddStep("Sub", {z, AddForUnits(layer, "center", layer.center, writer)},
                       absl::StrCat(layer.name, "_centered"));
  }
  z = writer.AddStep("Mul", {z, AddForUnits(layer, "scale", layer.weights, writer)},
                     absl::StrCat(layer.name, "_scaled"));
  return writer.AddStep("Add", {z, AddForUnits(layer, "shift", layer.bias, writer)},
                        absl::StrCat(layer.name, "_z"));
}

absl::StatusOr<std::string> WriteNormalize(const Layer& layer, const std::string& x,
                                           OnnxGraphWriter& writer) {
  std::string name = absl::StrCat(layer.name, "_z");
  if (layer.norm == Norm::kL1 || layer.norm == Norm::kL2) {
    std::string z = writer.AddStep("LpNormalization", {x}, name);
    SetInteger(writer.last(), "axis", -1);
    SetInteger(writer.last(), "p", layer.norm == Norm::kL1 ? 1 : 2);
    return z;
  }
  if (layer.norm == Norm::kMax) {
    std::string z = writer.AddStep("Normalizer", {x}, name);
    onnx::AttributeProto& norm = *writer.last().add_attribute();
    norm.set_name("norm");
    norm.set_type(onnx::AttributeProto::STRING);
    norm.set_s("MAX");
    writer.MakeLastMl();
    return z;
  }
  if (layer.norm == Norm::kStandard) {
    const std::vector<float> ones(static_cast<std::size_t>(layer.units), 1.0F);
    std::string z =
        writer.AddStep("LayerNormalization", {x, AddForUnits(layer, "ones", ones, writer)}, name);
    SetInteger(writer.last(), "axis", -1);
    SetFloat(writer.last(), "epsilon", layer.epsilon);
    return z;
  }
  return NotWrittenAsOnnx(layer, layer.norm == Norm::kRms
                                     ? "normalises rows by the root of their mean square"
                                     : "normalises rows by their greatest absolute value");
}

std::string WriteImpute(const Layer& layer, const std::string& x, OnnxGraphWriter& writer) {
  std::string z = writer.AddStep("Imputer", {x}, absl::StrCat(layer.name, "_z"));
  SetFloats(writer.last(), "imputed_value_floats", layer.bias);
  SetFloat(writer.last(), "replaced_value_float", layer.missing);
  writer.MakeLastMl();
  return z;
}

absl::StatusOr<std::string> WriteQuantize(const Layer& layer, const std::string& x,
                                          OnnxGraphWriter& writer) {
  const auto [scale, zero_point, lowest, highest] = layer.quantization;
  const bool is_signed = lowest == -128.0F && highest == 127.0F;
  const bool is_unsigned = lowest == 0.0F && highest == 255.0F;
  if (!(is_signed || is_unsigned) || zero_point < lowest || zero_point > highest ||
      zero_point != std::nearbyint(zero_point)) {
    return NotWrittenAsOnnx(layer, "rounds to other steps than those of INT8 and UINT8");
  }
  const std::vector<std::string> steps = {
      writer.AddFloats(absl::StrCat(layer.name, "_step"), {}, {scale}),
      writer.AddByte(absl::StrCat(layer.name, "_zero_point"), is_signed,
                     static_cast<std::int32_t>(zero_point))};
  const std::string quantized = writer.AddStep("QuantizeLinear", {x, steps[0], steps[1]},
                                               absl::StrCat(layer.name, "_quantized"));
  return writer.AddStep("DequantizeLinear", {quantized, steps[0], steps[1]},
                        absl::StrCat(layer.name, "_z"));
}

}  // namespace

absl::StatusOr<std::string> WriteCombination(const Layer& layer,
                                             const std::vector<std::string>& sources,
                                             OnnxGraphWriter& writer) {
  switch (layer.combination) {
    case Combination::kSum:
      return WriteFold(layer, "Add", sources, writer);
    case Combination::kProduct:
      return WriteFold(layer, "Mul", sources, writer);
    case Combination::kMaximum:
      return WriteFold(layer, "Max", sources, writer);
    case Combination::kMinimum:
      return WriteFold(layer, "Min", sources, writer);
    case Combination::kConstant:
      return AddForUnits(layer, "values", layer.bias, writer);
    default:
      break;
  }
  if (InfoOf(layer.combination).sources == SourceRule::kOperands) {
    return WriteOperation(layer, sources, writer);
  }
  std::string x = sources[0];
  if (sources.size() > 1) {
    x = writer.AddStep("Concat", sources, absl::StrCat(layer.name, "_x"));
    SetInteger(writer.last(), "axis", 1);
  }
  switch (layer.combination) {
    case Combination::kDense:
      return WriteDense(layer, x, writer);
    case Combination::kAffine:
      return WriteAffine(layer, x, writer);
    case Combination::kNormalize:
      return WriteNormalize(layer, x, writer);
    case Combination::kImpute:
      return WriteImpute(layer, x, writer);
    case Combination::kQuantize:
      return WriteQuantize(layer, x, writer);
    default:
      return x;
  }
}

}  // namespace mlp
