// Writes activations as ONNX in the registry's form: as one operator, as a formula of several
// operators, or not at all.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/formats/onnx/writer/layer_writer.h"

namespace mlp {
namespace {

// Adds the nodes of each form. Returns the name of the tensor f(z).
class FormWriter final {
 public:
  FormWriter(const Layer& layer, const std::string& z, OnnxGraphWriter& writer)
      : layer_(layer), info_(InfoOf(layer.activation.kind)), z_(z), writer_(writer) {}

  absl::StatusOr<std::string> operator()(const AsOnnxOperator& form) {
    const Activation& activation = layer_.activation;
    std::vector<std::string> inputs = {z_};
    if (!activation.unit_alpha.empty()) {
      const auto count = static_cast<std::int64_t>(activation.unit_alpha.size());
      inputs.push_back(
          writer_.AddFloats(absl::StrCat(layer_.name, "_slopes"), {count}, activation.unit_alpha));
    }
    std::string a = writer_.AddStep(std::string(form.operation), inputs, layer_.name);
    onnx::NodeProto& node = writer_.last();
    if (form.attributes != nullptr) {
      for (const OnnxFormAttribute& attribute : form.attributes(activation.parameters)) {
        SetFloat(node, std::string(attribute.name), attribute.value);
      }
    } else {
      for (std::size_t i = 0; i < info_.parameters.size(); ++i) {
        SetFloat(node, std::string(info_.parameters[i].name), activation.parameters[i]);
      }
    }
    if (!info_.elementwise) SetInteger(node, "axis", -1);
    return a;
  }

  absl::StatusOr<std::string> operator()(const AsOnnxFormula& form) {
    OnnxFormula formula;
    const OnnxOperand a =
        form.write(formula, {OnnxOperand::Kind::kZ}, layer_.activation.parameters);
    if (a.kind == OnnxOperand::Kind::kNone) {
      return NotWritten("with these parameters no operator computes it");
    }
    for (const OnnxFormula::Step& step : formula.steps()) {
      std::vector<std::string> inputs;
      for (const OnnxOperand& operand : step.operands) inputs.push_back(TensorOf(operand));
      made_.push_back(
          writer_.AddStep(std::string(step.operation), inputs, absl::StrCat(layer_.name, "_step")));
    }
    return TensorOf(a);
  }

  absl::StatusOr<std::string> operator()(const NotInOnnx& form) { return NotWritten(form.reason); }

 private:
  std::string TensorOf(const OnnxOperand& operand) {
    switch (operand.kind) {
      case OnnxOperand::Kind::kNone:
        break;
      case OnnxOperand::Kind::kZ:
        return z_;
      case OnnxOperand::Kind::kNumber:
        return writer_.AddFloats(absl::StrCat(layer_.name, "_number"), {}, {operand.number});
      case OnnxOperand::Kind::kStep:
        return made_[operand.step];
    }
    return "";  // an empty name means an omitted input
  }

  absl::Status NotWritten(absl::string_view reason) const {
    return absl::UnimplementedError(
        absl::StrCat("layer '", layer_.name, "' has the activation ", info_.name,
                     ", which cannot be written as ONNX: ", reason, "; use the native format"));
  }

  const Layer& layer_;
  const ActivationInfo& info_;
  const std::string& z_;
  OnnxGraphWriter& writer_;
  std::vector<std::string> made_;  // the results of a formula's steps
};

}  // namespace

absl::StatusOr<std::string> WriteActivation(const Layer& layer, const std::string& z,
                                            OnnxGraphWriter& writer) {
  return std::visit(FormWriter(layer, z, writer), InfoOf(layer.activation.kind).onnx);
}

}  // namespace mlp
