// Rectifiers with a threshold.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_THRESHOLDS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_THRESHOLDS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline double KerasReluValue(double z, Parameters p) {
  if (z > p[2]) return std::min(z, static_cast<double>(p[1]));
  return p[0] == 0.0F ? 0.0 : p[0] * (z - p[2]);
}

inline double KerasReluSlope(double z, Parameters p) {
  if (z > p[2]) return z < p[1] ? 1.0 : 0.0;
  return p[0];
}

// If the maximum is not above the threshold, the function is flat above the threshold.
inline double KerasReluSteepest(Parameters p) {
  return std::max(p[1] > p[2] ? 1.0 : 0.0, std::fabs(static_cast<double>(p[0])));
}

inline Tails KerasReluTails(Parameters p, double epsilon) {
  const double least = epsilon * KerasReluSteepest(p);
  const double above = p[1] > p[2] && p[1] == kInfinity ? 1.0 : 0.0;
  return {std::fabs(p[0]) < least ? p[2] : kNoTail,
          above < least ? (above == 1.0 ? p[2] : std::max(p[1], p[2])) : kNoTail};
}

inline double ThresholdSlope(double z, Parameters p) { return z > p[0] ? 1.0 : 0.0; }
inline Tails ThresholdTails(Parameters p, double /*epsilon*/) { return {p[0], kNoTail}; }

// As in PyTorch: NaN is not at or below the threshold, so it is passed on.
inline OnnxOperand ThresholdOnnx(OnnxFormula& f, OnnxOperand z, Parameters p) {
  return f.Of("Where", {f.Of("LessOrEqual", {z, f.Number(p[0])}), f.Number(p[1]), z});
}

inline constexpr ActivationParameter kKerasRelu[] = {
    {"negative_slope", 0.0F, -kLargestFloat, kLargestFloat},
    {"max_value", kInfinity, -kLargestFloat, kInfinity},
    {"threshold", 0.0F, -1e30F, 1e30F}};
inline constexpr ActivationParameter kTheta[] = {{"alpha", 1.0F, -kLargestFloat, kLargestFloat}};
inline constexpr ActivationParameter kThreshold[] = {
    {"threshold", 0.0F, -kLargestFloat, kLargestFloat},
    {"value", 0.0F, -kLargestFloat, kLargestFloat}};

inline constexpr ActivationInfo kThresholds[] = {
    {.kind = ActivationKind::kKerasRelu,
     .name = "keras_relu",
     .formula = "min(z, max_value) for z > threshold, else negative_slope (z - threshold)",
     .source = "keras.layers.ReLU",
     .names = {"", "relu", "", ""},
     .parameters = kKerasRelu,
     .value = KerasReluValue,
     .slope = KerasReluSlope,
     .steepest = KerasReluSteepest,
     .tails = KerasReluTails,
     .is_monotone = Never,
     .onnx = NotInOnnx("no operator has its three parameters")},
    {.kind = ActivationKind::kThresholdedRelu,
     .name = "thresholded_relu",
     .formula = "z for z > alpha, else 0",
     .source = "Konda et al. 2014",
     .names = {"", "", "ThresholdedRelu", ""},
     .parameters = kTheta,
     .value = [](double z, Parameters p) { return z > p[0] ? z : 0.0; },
     .slope = ThresholdSlope,
     .steepest = One,
     .tails = ThresholdTails,
     .is_monotone = Never,
     .onnx = AsOnnxOperator("ThresholdedRelu")},
    {.kind = ActivationKind::kThreshold,
     .name = "threshold",
     .formula = "z for z > threshold, else value",
     .source = "torch.nn.Threshold",
     .names = {"Threshold", "threshold", "", ""},
     .parameters = kThreshold,
     .value = [](double z, Parameters p) { return z > p[0] ? z : p[1]; },
     .slope = ThresholdSlope,
     .steepest = One,
     .tails = ThresholdTails,
     .is_monotone = Never,
     .onnx = AsOnnxFormula(ThresholdOnnx)},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/packet.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct KerasRelu {
  explicit KerasRelu(const float* parameters)
      : negative_slope(Set<P>(parameters[0])),
        max_value(Set<P>(parameters[1])),
        threshold(Set<P>(parameters[2])) {}
  MLP_INLINE P operator()(P z) const {
    // A negative_slope of 0 gives 0 whatever z is, because -infinity times 0 would be NaN.
    const P below =
        pandnot<P>(negative_slope * (z - threshold), pcmp_eq<P>(negative_slope, Set<P>(0.0F)));
    const P result = pselect<P>(pcmp_lt<P>(threshold, z), pmin<P>(z, max_value), below);
    return pselect<P>(pcmp_eq<P>(z, z), result, z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P above = pand<P>(pcmp_lt<P>(z, max_value), Set<P>(1.0F));
    return pselect<P>(pcmp_lt<P>(threshold, z), above, pabs<P>(negative_slope));
  }

  P negative_slope;
  P max_value;
  P threshold;
};
template <>
struct PacketForm<ActivationKind::kKerasRelu> : OfParameters<KerasRelu> {};

// z above the threshold, otherwise a constant.
template <typename P>
struct Threshold {
  explicit Threshold(const float* parameters)
      : threshold(Set<P>(parameters[0])), value(Set<P>(parameters[1])) {}
  Threshold(float threshold_value, float constant)
      : threshold(Set<P>(threshold_value)), value(Set<P>(constant)) {}
  MLP_INLINE P operator()(P z) const { return pselect<P>(pcmp_le<P>(z, threshold), value, z); }
  MLP_INLINE P Slope(P z, P /*a*/) const { return pand<P>(pcmp_lt<P>(threshold, z), Set<P>(1.0F)); }

  P threshold;
  P value;
};
template <>
struct PacketForm<ActivationKind::kThreshold> : OfParameters<Threshold> {};

template <typename P>
struct ThresholdedRelu : Threshold<P> {
  explicit ThresholdedRelu(const float* parameters) : Threshold<P>(parameters[0], 0.0F) {}
};
template <>
struct PacketForm<ActivationKind::kThresholdedRelu> : OfParameters<ThresholdedRelu> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_THRESHOLDS_H_
