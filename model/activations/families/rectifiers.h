// The identity and the rectifiers.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_RECTIFIERS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_RECTIFIERS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline double LeakyValue(double z, double alpha) { return z > 0.0 ? z : alpha * z; }
inline double LeakySlope(double z, double alpha) { return z > 0.0 ? 1.0 : alpha; }
inline double LeakySteepest(double alpha) { return std::max(1.0, std::fabs(alpha)); }

// With |alpha| > 1, the negative side is the steepest. The positive side is then flatter, but below
// epsilon only for alphas that training does not produce.
inline Tails LeakyTails(double alpha, double epsilon) {
  const double steepest = LeakySteepest(alpha);
  return {std::fabs(alpha) < epsilon * steepest ? 0.0 : kNoTail,
          1.0 < epsilon * steepest ? 0.0 : kNoTail};
}

inline double MeanOf(Parameters p) {
  return (static_cast<double>(p[0]) + static_cast<double>(p[1])) / 2;
}

inline constexpr ActivationParameter kLeakyReluAlpha[] = {
    {"alpha", 0.01F, -kLargestFloat, kLargestFloat}};
inline constexpr ActivationParameter kBounds[] = {{"lower", 0.125F, -1e30F, 1e30F},
                                                  {"upper", 1.0F / 3.0F, -1e30F, 1e30F}};
inline constexpr ActivationInfo kRectifiers[] = {
    {.kind = ActivationKind::kIdentity,
     .name = "identity",
     .formula = "z",
     .source = "ONNX operator Identity",
     .names = {"Identity", "linear", "Identity", "identity"},
     .value = [](double z, Parameters) { return z; },
     .slope = [](double, Parameters) { return 1.0; },
     .steepest = One,
     .tails = NoTails,
     .is_monotone = Always,
     .onnx = AsOnnxFormula([](OnnxFormula&, OnnxOperand z, Parameters) { return z; })},
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
         },
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Relu")},
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
     .tails = [](Parameters p, double epsilon) { return LeakyTails(p[0], epsilon); },
     .is_monotone = WhereNotNegative,
     .onnx = AsOnnxOperator("LeakyRelu")},
    {.kind = ActivationKind::kPrelu,
     .name = "prelu",
     .formula = "z for z > 0, else alpha z, with a trained alpha",
     .source = "He et al. 2015",
     .names = {"PReLU", "PReLU", "PRelu", ""},
     .value = [](double z, Parameters p) { return LeakyValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return LeakySlope(z, p[0]); },
     .steepest = [](Parameters p) { return LeakySteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return LeakyTails(p[0], epsilon); },
     .is_monotone = WhereNotNegative,
     .onnx = AsOnnxOperator("PRelu")},
    // Random in training; in inference, the slope is the mean.
    {.kind = ActivationKind::kRrelu,
     .name = "rrelu",
     .formula = "z for z > 0, else z (lower + upper) / 2",
     .source = "Xu et al. 2015",
     .names = {"RReLU", "", "", ""},
     .parameters = kBounds,
     .value = [](double z, Parameters p) { return LeakyValue(z, MeanOf(p)); },
     .slope = [](double z, Parameters p) { return LeakySlope(z, MeanOf(p)); },
     .steepest = [](Parameters p) { return LeakySteepest(MeanOf(p)); },
     .tails = [](Parameters p, double epsilon) { return LeakyTails(MeanOf(p), epsilon); },
     .is_monotone = WhereNotNegative,
     .onnx = NotInOnnx("no operator has its two bounds")},
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
         },
     .is_monotone = Always,
     .onnx = AsOnnxFormula([](OnnxFormula& f, OnnxOperand z, Parameters) {
       return f.Of("Clip", {z, f.Number(0.0F), f.Number(6.0F)});
     })},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/families/clipped.h"
#include "model/activations/functions/packet.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct Identity {
  explicit Identity(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return z; }
  MLP_INLINE P Slope(P /*z*/, P /*a*/) const { return Set<P>(1.0F); }
};
template <>
struct PacketForm<ActivationKind::kIdentity> : OfParameters<Identity> {};

template <typename P>
struct Relu {
  static constexpr bool kIsNeverNegative = true;
  explicit Relu(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return pmax<P>(z, Set<P>(0.0F)); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(Set<P>(0.0F), z), Set<P>(1.0F));
  }
};
template <>
struct PacketForm<ActivationKind::kRelu> : OfParameters<Relu> {};

// Also for PReLU and RReLU, which only take the slope from elsewhere.
template <typename P>
struct LeakyRelu {
  explicit LeakyRelu(const float* parameters) : negative_slope(Set<P>(parameters[0])) {}
  explicit LeakyRelu(P slope) : negative_slope(slope) {}
  MLP_INLINE P operator()(P z) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), z, negative_slope * z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), Set<P>(1.0F), pabs<P>(negative_slope));
  }

  P negative_slope;
};
template <>
struct PacketForm<ActivationKind::kLeakyRelu> : OfParameters<LeakyRelu> {};
template <>
struct PacketForm<ActivationKind::kPrelu> : OfUnitAlpha<LeakyRelu> {};

template <typename P>
struct Rrelu : LeakyRelu<P> {
  explicit Rrelu(const float* parameters)
      : LeakyRelu<P>(Set<P>((parameters[0] + parameters[1]) * 0.5F)) {}
};
template <>
struct PacketForm<ActivationKind::kRrelu> : OfParameters<Rrelu> {};

template <typename P>
struct Relu6 : HardTanh<P> {
  static constexpr bool kIsNeverNegative = true;
  explicit Relu6(const float* /*parameters*/) : HardTanh<P>(kBounds) {}
  static constexpr float kBounds[2] = {0.0F, 6.0F};
};
template <>
struct PacketForm<ActivationKind::kRelu6> : OfParameters<Relu6> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_RECTIFIERS_H_
