#include "model/formats/onnx/writer/layer_writer.h"

#include <cmath>
#include <cstdint>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/writer/operation_writer.h"

namespace mlp {
namespace {

// Adds one value for each unit, as a constant of the layer.
std::string AddForUnits(const Layer& layer, const char* what, const std::vector<float>& values,
                        OnnxGraphWriter& writer) {
  return writer.AddFloats(absl::StrCat(layer.name, "_", what), {layer.units}, values);
}

// The sources side by side, for operations on units or on whole rows.
std::string Joined(const LayerSources& layer_sources) {
  if (layer_sources.sources.size() == 1) return layer_sources.sources[0];
  std::string x = layer_sources.writer.AddStep("Concat", layer_sources.sources,
                                               absl::StrCat(layer_sources.layer.name, "_x"));
  SetInteger(layer_sources.writer.last(), "axis", 1);
  return x;
}

absl::StatusOr<std::string> WriteOperation(const Dense& dense, const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const std::string x = Joined(layer_sources);
  const std::string weights = writer.AddFloats(absl::StrCat(layer.name, "_weights"),
                                               {layer.inputs, layer.units}, dense.weights);
  const std::string bias = AddForUnits(layer, "bias", dense.bias, writer);
  return writer.AddStep("Gemm", {x, weights, bias}, absl::StrCat(layer.name, "_z"));
}

absl::StatusOr<std::string> WriteOperation(const Concatenation&,
                                           const LayerSources& layer_sources) {
  return Joined(layer_sources);
}

// In pairs from the left, as in the evaluator.
std::string WriteFold(const std::string& operation, const LayerSources& layer_sources) {
  std::string z = layer_sources.sources[0];
  for (std::size_t i = 1; i < layer_sources.sources.size(); ++i) {
    z = layer_sources.writer.AddStep(operation, {z, layer_sources.sources[i]},
                                     absl::StrCat(layer_sources.layer.name, "_z"));
  }
  return z;
}

absl::StatusOr<std::string> WriteOperation(const Sum&, const LayerSources& layer_sources) {
  return WriteFold("Add", layer_sources);
}
absl::StatusOr<std::string> WriteOperation(const Product&, const LayerSources& layer_sources) {
  return WriteFold("Mul", layer_sources);
}
absl::StatusOr<std::string> WriteOperation(const Maximum&, const LayerSources& layer_sources) {
  return WriteFold("Max", layer_sources);
}
absl::StatusOr<std::string> WriteOperation(const Minimum&, const LayerSources& layer_sources) {
  return WriteFold("Min", layer_sources);
}

absl::StatusOr<std::string> WriteOperation(const Affine& affine,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  std::string z = Joined(layer_sources);
  if (!affine.center.empty()) {
    z = writer.AddStep("Sub", {z, AddForUnits(layer, "center", affine.center, writer)},
                       absl::StrCat(layer.name, "_centered"));
  }
  z = writer.AddStep("Mul", {z, AddForUnits(layer, "scale", affine.scale, writer)},
                     absl::StrCat(layer.name, "_scaled"));
  return writer.AddStep("Add", {z, AddForUnits(layer, "shift", affine.shift, writer)},
                        absl::StrCat(layer.name, "_z"));
}

absl::StatusOr<std::string> WriteOperation(const Normalization& normalization,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const std::string x = Joined(layer_sources);
  std::string name = absl::StrCat(layer.name, "_z");
  if (normalization.norm == Norm::kL1 || normalization.norm == Norm::kL2) {
    std::string z = writer.AddStep("LpNormalization", {x}, name);
    SetInteger(writer.last(), "axis", -1);
    SetInteger(writer.last(), "p", normalization.norm == Norm::kL1 ? 1 : 2);
    return z;
  }
  if (normalization.norm == Norm::kMax) {
    std::string z = writer.AddStep("Normalizer", {x}, name);
    onnx::AttributeProto& norm = *writer.last().add_attribute();
    norm.set_name("norm");
    norm.set_type(onnx::AttributeProto::STRING);
    norm.set_s("MAX");
    writer.MakeLastMl();
    return z;
  }
  if (normalization.norm == Norm::kStandard) {
    const std::vector<float> ones(static_cast<std::size_t>(layer.units), 1.0F);
    std::string z =
        writer.AddStep("LayerNormalization", {x, AddForUnits(layer, "ones", ones, writer)}, name);
    SetInteger(writer.last(), "axis", -1);
    SetFloat(writer.last(), "epsilon", normalization.epsilon);
    return z;
  }
  return NotWrittenAsOnnx(layer, normalization.norm == Norm::kRms
                                     ? "normalises rows by the root of their mean square"
                                     : "normalises rows by their greatest absolute value");
}

absl::StatusOr<std::string> WriteOperation(const Imputation& imputation,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const std::string x = Joined(layer_sources);
  std::string z = writer.AddStep("Imputer", {x}, absl::StrCat(layer.name, "_z"));
  SetFloats(writer.last(), "imputed_value_floats", imputation.values);
  SetFloat(writer.last(), "replaced_value_float", imputation.missing);
  writer.MakeLastMl();
  return z;
}

absl::StatusOr<std::string> WriteOperation(const Quantization& quantization,
                                           const LayerSources& layer_sources) {
  const auto& [layer, sources, writer] = layer_sources;
  const auto [scale, zero_point, lowest, highest] = quantization;
  const std::string x = Joined(layer_sources);
  const bool is_signed = lowest == -128.0F && highest == 127.0F;
  const bool is_unsigned = lowest == 0.0F && highest == 255.0F;
  if (!(is_signed || is_unsigned) || zero_point < lowest || zero_point > highest ||
      zero_point != std::nearbyint(zero_point)) {
    return NotWrittenAsOnnx(layer, "rounds to steps other than those of INT8 and UINT8");
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

absl::StatusOr<std::string> WriteOperation(const Constant& constant,
                                           const LayerSources& layer_sources) {
  return AddForUnits(layer_sources.layer, "values", constant.values, layer_sources.writer);
}

}  // namespace

absl::StatusOr<std::string> WriteCombination(const Layer& layer,
                                             const std::vector<std::string>& sources,
                                             OnnxGraphWriter& writer) {
  const LayerSources layer_sources = {layer, sources, writer};
  return std::visit([&](const auto& operation) { return WriteOperation(operation, layer_sources); },
                    layer.operation);
}

}  // namespace mlp
