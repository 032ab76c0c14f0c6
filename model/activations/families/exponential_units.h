// The exponential units.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_EXPONENTIAL_UNITS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_EXPONENTIAL_UNITS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline double EluValue(double z, double alpha) { return z > 0.0 ? z : alpha * std::expm1(z); }
inline double EluSlope(double z, double alpha) { return z > 0.0 ? 1.0 : alpha * std::exp(z); }
inline double EluSteepest(double alpha) { return std::max(1.0, std::fabs(alpha)); }

// |alpha| e^z = epsilon max(1, |alpha|). If the negative side is flat (small alpha), the tail
// begins at 0.
inline Tails EluTails(double alpha, double epsilon) {
  const double steepness = std::fabs(alpha);
  const double upper = 1.0 < epsilon * EluSteepest(alpha) ? 0.0 : kNoTail;
  if (steepness == 0.0) return {0.0, upper};
  return {std::min(0.0, std::log(epsilon * EluSteepest(alpha) / steepness)), upper};
}

inline double CeluValue(double z, Parameters p) {
  return z > 0.0 ? z : p[0] * std::expm1(z / static_cast<double>(p[0]));
}

inline constexpr ActivationParameter kElu[] = {{"alpha", 1.0F, -1e30F, 1e30F}};
inline constexpr ActivationParameter kSelu[] = {{"alpha", 1.67326319F, -1e18F, 1e18F},
                                                {"gamma", 1.05070102F, 1e-18F, 1e18F}};
inline constexpr ActivationParameter kCelu[] = {{"alpha", 1.0F, 1e-6F, 1e6F}};

inline constexpr ActivationInfo kExponentialUnits[] = {
    {.kind = ActivationKind::kElu,
     .name = "elu",
     .formula = "z for z > 0, else alpha (e^z - 1)",
     .source = "Clevert et al. 2016",
     .names = {"ELU", "elu", "Elu", ""},
     .parameters = kElu,
     .value = [](double z, Parameters p) { return EluValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return EluSlope(z, p[0]); },
     .steepest = [](Parameters p) { return EluSteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return EluTails(p[0], epsilon); },
     .is_monotone = WhereNotNegative,
     .onnx = AsOnnxOperator("Elu")},
    // The defaults are the floats nearest to the paper's fixed point.
    {.kind = ActivationKind::kSelu,
     .name = "selu",
     .formula = "gamma z for z > 0, else gamma alpha (e^z - 1)",
     .source = "Klambauer et al. 2017",
     .names = {"SELU", "selu", "Selu", ""},
     .parameters = kSelu,
     .value = [](double z, Parameters p) { return p[1] * EluValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return p[1] * EluSlope(z, p[0]); },
     .steepest = [](Parameters p) { return p[1] * EluSteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return EluTails(p[0], epsilon); },
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Selu")},
    {.kind = ActivationKind::kCelu,
     .name = "celu",
     .formula = "z for z > 0, else alpha (e^(z / alpha) - 1)",
     .source = "Barron 2017",
     .names = {"CELU", "celu", "Celu", ""},
     .parameters = kCelu,
     .value = CeluValue,
     .slope = [](double z,
                 Parameters p) { return z > 0.0 ? 1.0 : std::exp(z / static_cast<double>(p[0])); },
     .steepest = One,
     .tails =
         [](Parameters p, double epsilon) {
           return Tails{p[0] * std::log(epsilon), kNoTail};
         },
     .is_monotone = WhereNotNegative,
     .onnx = AsOnnxOperator("Celu")},
    // The slope is unbounded, so there are no tails.
    {.kind = ActivationKind::kExponential,
     .name = "exponential",
     .formula = "e^z",
     .source = "keras.activations.exponential",
     .names = {"", "exponential", "Exp", ""},
     .value = [](double z, Parameters) { return std::exp(z); },
     .slope = [](double z, Parameters) { return std::exp(z); },
     .steepest = [](Parameters) { return std::numeric_limits<double>::infinity(); },
     .tails = NoTails,
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Exp")},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// gamma z above 0, gamma alpha (e^z - 1) below.
template <typename P>
struct Selu {
  explicit Selu(const float* parameters)
      : alpha(Set<P>(parameters[0] * parameters[1])), gamma(Set<P>(parameters[1])) {}
  Selu(float alpha_value, float gamma_value)
      : alpha(Set<P>(alpha_value)), gamma(Set<P>(gamma_value)) {}
  MLP_INLINE P operator()(P z) const {
    const P zero = Set<P>(0.0F);
    const P below = alpha * Expm1<P>(Clamp<P>(z, Set<P>(-40.0F), zero));
    return pselect<P>(pcmp_lt<P>(zero, z), gamma * z, below);
  }
  // alpha e^z = f(z) + alpha.
  MLP_INLINE P Slope(P z, P a) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), pabs<P>(gamma), pabs<P>(a + alpha));
  }

  P alpha;
  P gamma;
};
template <>
struct PacketForm<ActivationKind::kSelu> : OfParameters<Selu> {};

template <typename P>
struct Elu : Selu<P> {
  explicit Elu(const float* parameters) : Selu<P>(parameters[0], 1.0F) {}
};
template <>
struct PacketForm<ActivationKind::kElu> : OfParameters<Elu> {};

template <typename P>
struct Celu {
  explicit Celu(const float* parameters)
      : alpha(Set<P>(parameters[0])), linear_to(Set<P>(-0x1p-26F * parameters[0])) {}
  MLP_INLINE P operator()(P z) const {
    const P zero = Set<P>(0.0F);
    const P below = alpha * Expm1<P>(Clamp<P>(z / alpha, Set<P>(-40.0F), zero));
    // Close to 0, f(z) is z; a denormal quotient would lose bits.
    return pselect<P>(pcmp_lt<P>(linear_to, z), z, below);
  }
  // e^(z / alpha) = f(z) / alpha + 1.
  MLP_INLINE P Slope(P z, P a) const {
    const P one = Set<P>(1.0F);
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), one, a / alpha + one);
  }

  P alpha;
  P linear_to;
};
template <>
struct PacketForm<ActivationKind::kCelu> : OfParameters<Celu> {};

template <typename P>
struct Exponential {
  explicit Exponential(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const Scaled<P> e = ScaledExp<P>(Clamp<P>(z, Set<P>(-120.0F), Set<P>(100.0F)));
    // Exponents up to 144. The second factor takes the part above a float's greatest exponent, and
    // overflows.
    const P first = Clamp<P>(e.exponent, Set<P>(-125.0F), Set<P>(125.0F));
    return e.mantissa * PowerOfTwo<P>(first) * PowerOfTwo<P>(e.exponent - first);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return a; }
};
template <>
struct PacketForm<ActivationKind::kExponential> : OfParameters<Exponential> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_EXPONENTIAL_UNITS_H_
