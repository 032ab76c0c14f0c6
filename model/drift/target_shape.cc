#include "model/drift/target_shape.h"

#include "absl/strings/match.h"
#include "model/drift/whitening.h"

namespace mlp {
namespace {

std::int64_t PanelUnitsOf(std::int64_t units) { return units > kMaxUnitsWhole ? kPanelUnits : 0; }

}  // namespace

std::vector<TargetShape> TargetsOf(const Network& network, const OutputForm& form) {
  std::int64_t inputs = 0;
  for (const TensorSpec& input : network.inputs()) inputs += input.width();
  std::vector<TargetShape> targets;
  targets.push_back({"inputs", TargetKind::kInputs, 0, inputs, PanelUnitsOf(inputs)});
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const Layer& layer = network.layers()[i];
    if (!layer.has_activity() || !absl::StartsWith(layer.name, "hidden_")) continue;
    targets.push_back({layer.name, TargetKind::kHidden, i, layer.units, PanelUnitsOf(layer.units)});
  }
  if (form.is_classifier()) {
    targets.push_back({"outputs", TargetKind::kClasses, 0, form.classes, 0});
  } else {
    targets.push_back({"outputs", TargetKind::kValues, 0, form.width, PanelUnitsOf(form.width)});
  }
  return targets;
}

}  // namespace mlp
