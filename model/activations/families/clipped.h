// Clipped lines and parabolas.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_CLIPPED_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_CLIPPED_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_entry.h"
#include "model/activations/tail_search.h"

namespace mlp::internal {

inline double HardSigmoidValue(double z, Parameters p) {
  return std::clamp(static_cast<double>(p[0]) * z + p[1], 0.0, 1.0);
}

inline double HardSigmoidSlope(double z, Parameters p) {
  const double a = HardSigmoidValue(z, p);
  return a > 0.0 && a < 1.0 ? p[0] : 0.0;
}

inline Tails HardSigmoidTails(Parameters p, double /*epsilon*/) {
  const double alpha = p[0];
  return {-p[1] / alpha, (1.0 - p[1]) / alpha};
}

inline double HardSwishSlope(double z, Parameters /*parameters*/) {
  return z <= -3.0 ? 0.0 : z <= 3.0 ? (2.0 * z + 3.0) / 6.0 : 1.0;
}

inline double SparsePlusValue(double z, Parameters /*parameters*/) {
  return z <= -1.0 ? 0.0 : z < 1.0 ? (z + 1.0) * (z + 1.0) / 4.0 : z;
}

inline OnnxOperand HardTanhOnnx(OnnxFormula& f, OnnxOperand z, Parameters p) {
  // An infinite bound is omitted.
  const auto bound = [](float value) {
    return std::isfinite(value) ? OnnxFormula::Number(value) : OnnxFormula::None();
  };
  return f.Of("Clip", {z, bound(p[0]), bound(p[1])});
}

inline constexpr ActivationParameter kHardSigmoid[] = {{"alpha", 0.2F, 1e-20F, 1e20F},
                                                       {"beta", 0.5F, -1e20F, 1e20F}};
inline constexpr ActivationParameter kHardTanh[] = {{"min", -1.0F, -kInfinity, kInfinity},
                                                    {"max", 1.0F, -kInfinity, kInfinity}};

inline constexpr ActivationInfo kClippedLines[] = {
    // ONNX's default and Keras 2's alpha is 0.2; PyTorch's and Keras 3's is 1/6.
    {.kind = ActivationKind::kHardSigmoid,
     .name = "hard_sigmoid",
     .formula = "min(max(alpha z + beta, 0), 1)",
     .source = "ONNX operator HardSigmoid",
     .names = {"Hardsigmoid", "hard_sigmoid", "HardSigmoid", ""},
     .parameters = kHardSigmoid,
     .value = HardSigmoidValue,
     .slope = HardSigmoidSlope,
     .steepest = [](Parameters p) { return std::fabs(static_cast<double>(p[0])); },
     .tails = HardSigmoidTails,
     .is_monotone = WhereNotNegative,
     .onnx = AsOnnxOperator("HardSigmoid")},
    {.kind = ActivationKind::kHardSwish,
     .name = "hard_swish",
     .formula = "z min(max(z + 3, 0), 6) / 6",
     .source = "Howard et al. 2019",
     .names = {"Hardswish", "hard_silu", "HardSwish", ""},
     .value = [](double z, Parameters) { return z * std::clamp(z + 3.0, 0.0, 6.0) / 6.0; },
     .slope = HardSwishSlope,
     .steepest = [](Parameters) { return 1.5; },
     .tails = [](Parameters p,
                 double epsilon) { return SearchTails(HardSwishSlope, p, epsilon, 1.5, 64.0); },
     .is_monotone = Never,
     .onnx = AsOnnxOperator("HardSwish")},
    {.kind = ActivationKind::kHardTanh,
     .name = "hard_tanh",
     .formula = "min(max(z, min), max)",
     .source = "Collobert 2004",
     .names = {"Hardtanh", "hard_tanh", "Clip", ""},
     .parameters = kHardTanh,
     .value = [](double z, Parameters p) { return std::clamp<double>(z, p[0], p[1]); },
     .slope = [](double z, Parameters p) { return z > p[0] && z < p[1] ? 1.0 : 0.0; },
     .steepest = One,
     // An infinite bound clips nothing and has no tail.
     .tails =
         [](Parameters p, double) {
           return Tails{p[0] == -kInfinity ? kNoTail : p[0], p[1] == kInfinity ? kNoTail : p[1]};
         },
     .is_monotone = Always,
     .onnx = AsOnnxFormula(HardTanhOnnx)},
    {.kind = ActivationKind::kSparsePlus,
     .name = "sparse_plus",
     .formula = "0 for z <= -1, (z + 1)^2 / 4 for z < 1, else z",
     .source = "keras.activations.sparse_plus",
     .names = {"", "sparse_plus", "", ""},
     .value = SparsePlusValue,
     .slope = [](double z, Parameters) { return std::clamp((z + 1.0) / 2.0, 0.0, 1.0); },
     .steepest = One,
     .tails =
         [](Parameters, double epsilon) {
           return Tails{2.0 * epsilon - 1.0, kNoTail};
         },
     .is_monotone = Always,
     .onnx = NotInOnnx("no operator computes it")},
    {.kind = ActivationKind::kSparseSigmoid,
     .name = "sparse_sigmoid",
     .formula = "min(max((z + 1) / 2, 0), 1)",
     .source = "keras.activations.sparse_sigmoid",
     .names = {"", "sparse_sigmoid", "HardSigmoid", ""},
     .value = [](double z, Parameters) { return std::clamp((z + 1.0) / 2.0, 0.0, 1.0); },
     .slope = [](double z, Parameters) { return std::fabs(z) < 1.0 ? 0.5 : 0.0; },
     .steepest = [](Parameters) { return 0.5; },
     .tails =
         [](Parameters, double) {
           return Tails{-1.0, 1.0};
         },
     .is_monotone = Always,
     .onnx = NotInOnnx("the operator of its values, HardSigmoid, is hard_sigmoid")},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/packet.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct HardSigmoid {
  static constexpr bool kIsNeverNegative = true;
  explicit HardSigmoid(const float* parameters)
      : alpha(Set<P>(parameters[0])), beta(Set<P>(parameters[1])) {}
  MLP_INLINE P operator()(P z) const {
    // Clamped first, so that the exact product neither overflows nor meets infinity. With an alpha
    // above 1e-30, the line has left [0, 1] long before.
    const P cut = Clamp<P>(z, Set<P>(-1e30F), Set<P>(1e30F));
    return Clamp<P>(MultiplyAdd<P>(alpha, cut, beta), Set<P>(0.0F), Set<P>(1.0F));
  }
  MLP_INLINE P Slope(P /*z*/, P a) const {
    const P inside = pand<P>(pcmp_lt<P>(Set<P>(0.0F), a), pcmp_lt<P>(a, Set<P>(1.0F)));
    return pand<P>(inside, pabs<P>(alpha));
  }

  P alpha;
  P beta;
};
template <>
struct PacketForm<ActivationKind::kHardSigmoid> : OfParameters<HardSigmoid> {};

template <typename P>
struct HardSwish {
  explicit HardSwish(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // Cannot overflow: z is multiplied by a step of at most 1.
    const P step = Clamp<P>(z + Set<P>(3.0F), Set<P>(0.0F), Set<P>(6.0F)) * Set<P>(1.0F / 6.0F);
    return pmax<P>(z, Set<P>(-3.0F)) * step;
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P three = Set<P>(3.0F);
    const P inside = pabs<P>(pmadd<P>(z, Set<P>(1.0F / 3.0F), Set<P>(0.5F)));
    const P above = pselect<P>(pcmp_le<P>(z, three), inside, Set<P>(1.0F));
    return pand<P>(pcmp_lt<P>(-three, z), above);
  }
};
template <>
struct PacketForm<ActivationKind::kHardSwish> : OfParameters<HardSwish> {};

// The identity between two bounds. The lower bound belongs to the flat part.
template <typename P>
struct HardTanh {
  explicit HardTanh(const float* parameters)
      : lowest(Set<P>(parameters[0])), highest(Set<P>(parameters[1])) {}
  MLP_INLINE P operator()(P z) const { return Clamp<P>(z, lowest, highest); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pand<P>(pcmp_lt<P>(lowest, z), pcmp_lt<P>(z, highest)), Set<P>(1.0F));
  }

  P lowest;
  P highest;
};
template <>
struct PacketForm<ActivationKind::kHardTanh> : OfParameters<HardTanh> {};

template <typename P>
struct SparsePlus {
  explicit SparsePlus(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const P root = pmax<P>(z, Set<P>(-1.0F)) + Set<P>(1.0F);
    return pselect<P>(pcmp_lt<P>(z, Set<P>(1.0F)), root * root * Set<P>(0.25F), z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return (Clamp<P>(z, Set<P>(-1.0F), Set<P>(1.0F)) + Set<P>(1.0F)) * Set<P>(0.5F);
  }
};
template <>
struct PacketForm<ActivationKind::kSparsePlus> : OfParameters<SparsePlus> {};

template <typename P>
struct SparseSigmoid {
  explicit SparseSigmoid(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    return (Clamp<P>(z, Set<P>(-1.0F), Set<P>(1.0F)) + Set<P>(1.0F)) * Set<P>(0.5F);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(pabs<P>(z), Set<P>(1.0F)), Set<P>(0.5F));
  }
};
template <>
struct PacketForm<ActivationKind::kSparseSigmoid> : OfParameters<SparseSigmoid> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_CLIPPED_H_
