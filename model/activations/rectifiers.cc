// The identity and the rectifiers. Evaluated by functions/rectifiers.h.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

double LeakyValue(double z, double alpha) { return z > 0.0 ? z : alpha * z; }
double LeakySlope(double z, double alpha) { return z > 0.0 ? 1.0 : alpha; }
double LeakySteepest(double alpha) { return std::max(1.0, std::fabs(alpha)); }

// An alpha steeper than 1 makes the negative side the steepest one; the positive side is then the
// flatter, but never under epsilon for an alpha that a training leaves behind.
Tails LeakyTails(double alpha, double epsilon) {
  const double steepest = LeakySteepest(alpha);
  return {std::fabs(alpha) < epsilon * steepest ? 0.0 : kNoTail,
          1.0 < epsilon * steepest ? 0.0 : kNoTail};
}

double MeanOf(Parameters p) { return (static_cast<double>(p[0]) + static_cast<double>(p[1])) / 2; }

double KerasReluValue(double z, Parameters p) {
  if (z > p[2]) return std::min(z, static_cast<double>(p[1]));
  return p[0] == 0.0F ? 0.0 : p[0] * (z - p[2]);
}

double KerasReluSlope(double z, Parameters p) {
  if (z > p[2]) return z < p[1] ? 1.0 : 0.0;
  return p[0];
}

// Above the threshold there is no slope where the maximum is not above it.
double KerasReluSteepest(Parameters p) {
  return std::max(p[1] > p[2] ? 1.0 : 0.0, std::fabs(static_cast<double>(p[0])));
}

Tails KerasReluTails(Parameters p, double epsilon) {
  const double least = epsilon * KerasReluSteepest(p);
  const double above = p[1] > p[2] && p[1] == kInfinity ? 1.0 : 0.0;
  return {std::fabs(p[0]) < least ? p[2] : kNoTail,
          above < least ? (above == 1.0 ? p[2] : std::max(p[1], p[2])) : kNoTail};
}

double ThresholdSlope(double z, Parameters p) { return z > p[0] ? 1.0 : 0.0; }
Tails ThresholdTails(Parameters p, double /*epsilon*/) { return {p[0], kNoTail}; }

constexpr ActivationParameter kLeakyReluAlpha[] = {{"alpha", 0.01F, -kLargestFloat, kLargestFloat}};
constexpr ActivationParameter kBounds[] = {{"lower", 0.125F, -1e30F, 1e30F},
                                           {"upper", 1.0F / 3.0F, -1e30F, 1e30F}};
constexpr ActivationParameter kKerasRelu[] = {
    {"negative_slope", 0.0F, -kLargestFloat, kLargestFloat},
    {"max_value", kInfinity, -kLargestFloat, kInfinity},
    {"threshold", 0.0F, -1e30F, 1e30F}};
constexpr ActivationParameter kTheta[] = {{"alpha", 1.0F, -kLargestFloat, kLargestFloat}};
constexpr ActivationParameter kThreshold[] = {{"threshold", 0.0F, -kLargestFloat, kLargestFloat},
                                              {"value", 0.0F, -kLargestFloat, kLargestFloat}};

constexpr ActivationInfo kRectifiers[] = {
    {.kind = ActivationKind::kIdentity,
     .name = "identity",
     .formula = "z",
     .source = "ONNX operator Identity",
     .names = {"Identity", "linear", "Identity", "identity"},
     .value = [](double z, Parameters) { return z; },
     .slope = [](double, Parameters) { return 1.0; },
     .steepest = One,
     .tails = NoTails},
    {.kind = ActivationKind::kRelu,
     .name = "relu",
     .formula = "max(0, z)",
     .source = "Nair and Hinton 2010",
     .names = {"ReLU", "relu", "Relu", "relu"},
     .value = [](double z, Parameters) { return std::max(0.0, z); },
     .slope = [](double z, Parameters) { return z > 0.0 ? 1.0 : 0.0; },
     .steepest = One,
     .tails =
         [](Parameters, double) {
           return Tails{0.0, kNoTail};
         }},
    // alpha is 0.01 in PyTorch and ONNX, 0.2 in Keras's function and 0.3 in its layer.
    {.kind = ActivationKind::kLeakyRelu,
     .name = "leaky_relu",
     .formula = "z for z > 0, else alpha z",
     .source = "Maas et al. 2013",
     .names = {"LeakyReLU", "leaky_relu", "LeakyRelu", ""},
     .parameters = kLeakyReluAlpha,
     .value = [](double z, Parameters p) { return LeakyValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return LeakySlope(z, p[0]); },
     .steepest = [](Parameters p) { return LeakySteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return LeakyTails(p[0], epsilon); }},
    {.kind = ActivationKind::kPrelu,
     .name = "prelu",
     .formula = "z for z > 0, else alpha z, with a trained alpha",
     .source = "He et al. 2015",
     .names = {"PReLU", "PReLU", "PRelu", ""},
     .value = [](double z, Parameters p) { return LeakyValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return LeakySlope(z, p[0]); },
     .steepest = [](Parameters p) { return LeakySteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return LeakyTails(p[0], epsilon); }},
    // Random in training; in evaluation, which is what is served, its slope is the mean.
    {.kind = ActivationKind::kRrelu,
     .name = "rrelu",
     .formula = "z for z > 0, else z (lower + upper) / 2",
     .source = "Xu et al. 2015",
     .names = {"RReLU", "", "", ""},
     .parameters = kBounds,
     .value = [](double z, Parameters p) { return LeakyValue(z, MeanOf(p)); },
     .slope = [](double z, Parameters p) { return LeakySlope(z, MeanOf(p)); },
     .steepest = [](Parameters p) { return LeakySteepest(MeanOf(p)); },
     .tails = [](Parameters p, double epsilon) { return LeakyTails(MeanOf(p), epsilon); }},
    {.kind = ActivationKind::kRelu6,
     .name = "relu6",
     .formula = "min(max(0, z), 6)",
     .source = "Krizhevsky 2010",
     .names = {"ReLU6", "relu6", "Clip", ""},
     .value = [](double z, Parameters) { return std::clamp(z, 0.0, 6.0); },
     .slope = [](double z, Parameters) { return z > 0.0 && z < 6.0 ? 1.0 : 0.0; },
     .steepest = One,
     .tails =
         [](Parameters, double) {
           return Tails{0.0, 6.0};
         }},
    {.kind = ActivationKind::kKerasRelu,
     .name = "keras_relu",
     .formula = "min(z, max_value) for z > threshold, else negative_slope (z - threshold)",
     .source = "keras.layers.ReLU",
     .names = {"", "relu", "", ""},
     .parameters = kKerasRelu,
     .value = KerasReluValue,
     .slope = KerasReluSlope,
     .steepest = KerasReluSteepest,
     .tails = KerasReluTails},
    {.kind = ActivationKind::kThresholdedRelu,
     .name = "thresholded_relu",
     .formula = "z for z > alpha, else 0",
     .source = "Konda et al. 2014",
     .names = {"", "", "ThresholdedRelu", ""},
     .parameters = kTheta,
     .value = [](double z, Parameters p) { return z > p[0] ? z : 0.0; },
     .slope = ThresholdSlope,
     .steepest = One,
     .tails = ThresholdTails},
    {.kind = ActivationKind::kThreshold,
     .name = "threshold",
     .formula = "z for z > threshold, else value",
     .source = "torch.nn.Threshold",
     .names = {"Threshold", "threshold", "", ""},
     .parameters = kThreshold,
     .value = [](double z, Parameters p) { return z > p[0] ? z : p[1]; },
     .slope = ThresholdSlope,
     .steepest = One,
     .tails = ThresholdTails},
};

}  // namespace

absl::Span<const ActivationInfo> Rectifiers() { return kRectifiers; }

}  // namespace mlp::internal
