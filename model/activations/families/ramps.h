// The smooth ramps.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_RAMPS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_RAMPS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline double SoftplusValue(double z, Parameters p) {
  const double x = static_cast<double>(p[0]) * z;
  return x > p[1] ? z : LogOnePlusExp(x) / p[0];
}

inline double SoftplusSlope(double z, Parameters p) {
  const double x = static_cast<double>(p[0]) * z;
  return x > p[1] ? 1.0 : LogisticOf(x);
}

// The sigmoid is epsilon at log(epsilon / (1 - epsilon)); above the threshold f' is 1.
inline Tails SoftplusTails(Parameters p, double epsilon) {
  const double bound = std::log(epsilon / (1.0 - epsilon));
  return {std::min<double>(bound, p[1]) / p[0], kNoTail};
}

inline double SquareplusSlope(double z, Parameters p) {
  const double root = std::sqrt(z * z + p[0]);
  if (root == 0.0) return 0.0;
  return z < 0.0 ? p[0] / (2.0 * root * (root - z)) : (1.0 + z / root) / 2.0;
}

// (1 + z / sqrt(z^2 + b)) / 2 = epsilon, where z / sqrt(z^2 + b) = 2 epsilon - 1.
inline Tails SquareplusTails(Parameters p, double epsilon) {
  const double cosine = 2.0 * epsilon - 1.0;
  return {cosine * std::sqrt(p[0] / (4.0 * epsilon * (1.0 - epsilon))), kNoTail};
}

// ONNX's Softplus has no beta and no threshold. A threshold of 20 or more changes no float.
inline OnnxOperand SoftplusOnnx(OnnxFormula& f, OnnxOperand z, Parameters p) {
  return p[0] == 1.0F && p[1] >= 20.0F ? f.Of("Softplus", {z}) : f.None();
}

inline OnnxOperand SquareplusOnnx(OnnxFormula& f, OnnxOperand z, Parameters p) {
  const OnnxOperand square = f.Of("Mul", {z, z});
  const OnnxOperand root = f.Of("Sqrt", {f.Of("Add", {square, f.Number(p[0])})});
  return f.Of("Mul", {f.Of("Add", {z, root}), f.Number(0.5F)});
}

inline constexpr ActivationParameter kSoftplus[] = {
    {"beta", 1.0F, 1e-6F, 1e6F}, {"threshold", 20.0F, -kLargestFloat, kInfinity}};
inline constexpr ActivationParameter kSquareplus[] = {{"b", 4.0F, 0.0F, 1e12F}};

inline constexpr ActivationInfo kRamps[] = {
    // Keras and ONNX have no beta and no threshold; the default threshold of 20 changes no float.
    {.kind = ActivationKind::kSoftplus,
     .name = "softplus",
     .formula = "log(1 + e^(beta z)) / beta, z where beta z > threshold",
     .source = "Dugas et al. 2001; torch.nn.Softplus",
     .names = {"Softplus", "softplus", "Softplus", ""},
     .parameters = kSoftplus,
     .value = SoftplusValue,
     .slope = SoftplusSlope,
     .steepest = One,
     .tails = SoftplusTails,
     .is_monotone = Never,
     .onnx = AsOnnxFormula(SoftplusOnnx)},
    {.kind = ActivationKind::kLogSigmoid,
     .name = "log_sigmoid",
     .formula = "-log(1 + e^-z)",
     .source = "torch.nn.LogSigmoid",
     .names = {"LogSigmoid", "log_sigmoid", "", ""},
     .value = [](double z, Parameters) { return -LogOnePlusExp(-z); },
     .slope = [](double z, Parameters) { return LogisticOf(-z); },
     .steepest = One,
     .tails =
         [](Parameters, double epsilon) {
           return Tails{kNoTail, std::log((1.0 - epsilon) / epsilon)};
         },
     .is_monotone = Always,
     .onnx = AsOnnxFormula([](OnnxFormula& f, OnnxOperand z, Parameters) {
       return f.Of("Neg", {f.Of("Softplus", {f.Of("Neg", {z})})});
     })},
    {.kind = ActivationKind::kSquareplus,
     .name = "squareplus",
     .formula = "(z + sqrt(z^2 + b)) / 2",
     .source = "Barron 2021",
     .names = {"", "squareplus", "", ""},
     .parameters = kSquareplus,
     .value = [](double z, Parameters p) { return (z + std::sqrt(z * z + p[0])) / 2.0; },
     .slope = SquareplusSlope,
     .steepest = One,
     .tails = SquareplusTails,
     .is_monotone = Always,
     .onnx = AsOnnxFormula(SquareplusOnnx)},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct Softplus {
  static constexpr bool kIsNeverNegative = true;
  explicit Softplus(const float* parameters)
      : beta(Set<P>(parameters[0])),
        inverse_beta(Set<P>(1.0F / parameters[0])),
        threshold(Set<P>(parameters[1])),
        // Once |beta z| reaches 170, log(1 + e^-|beta z|) is too small to change a float.
        cut(Set<P>(170.0F / parameters[0])) {}
  MLP_INLINE P operator()(P z) const {
    // The exponent must be accurate to 2^-25 absolute, so the product is computed without error.
    const P zero = Set<P>(0.0F);
    const DoubleFloat<P> x = ExactProduct<P>(beta, Clamp<P>(z, -cut, cut));
    const P flip = pxor<P>(SignBit<P>(x.high), Set<P>(-0.0F));
    const Scaled<P> e = ScaledExp<P>(pxor<P>(x.high, flip), pxor<P>(x.low, flip));
    const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P below = pcmp_lt<P>(x.high, zero);
    // log(1 + u) / beta; below 0, without its last factor 2^n.
    const P log = pselect<P>(below, e.mantissa, u) * Log1pOverArgument<P>(u) * inverse_beta;
    const P soft = pselect<P>(below, Unscale<P>(log, e.exponent), z + log);
    return pselect<P>(pcmp_lt<P>(zero, (x.high - threshold) + x.low), z, soft);
  }
  // The sigmoid of beta z: 1 - e^(-beta a), but 1 on the linear part.
  MLP_INLINE P Slope(P z, P a) const {
    const P slope = -Expm1<P>(pmax<P>(-(beta * a), Set<P>(-40.0F)));
    return pselect<P>(pcmp_lt<P>(threshold, beta * z), Set<P>(1.0F), slope);
  }

  P beta;
  P inverse_beta;
  P threshold;
  P cut;
};

// log(1 + e^z).
template <typename P>
MLP_INLINE P LogOnePlusExp(P z) {
  const Scaled<P> e = ScaledExp<P>(pmax<P>(-pabs<P>(z), Set<P>(-120.0F)));
  const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);
  const P below = pcmp_lt<P>(z, Set<P>(0.0F));
  // log(1 + u) with u = e^-|z|; below 0, where it may be denormal, without its last factor 2^n.
  const P log = pselect<P>(below, e.mantissa, u) * Log1pOverArgument<P>(u);
  return pselect<P>(below, Unscale<P>(log, e.exponent), z + log);
}

// Softplus with a beta of 1 and a threshold of 20 or more, which changes no float. This is the
// default, and a quarter faster than with the products.
template <typename P>
struct StandardSoftplus {
  explicit StandardSoftplus(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return LogOnePlusExp<P>(z); }
  MLP_INLINE P Slope(P /*z*/, P a) const { return -Expm1<P>(pmax<P>(-a, Set<P>(-40.0F))); }

  static bool Is(const float* parameters) {
    return parameters[0] == 1.0F && parameters[1] >= 20.0F;
  }
};
template <>
struct PacketForm<ActivationKind::kSoftplus> : WithSpecialCase<Softplus, StandardSoftplus> {};

template <typename P>
struct LogSigmoid {
  explicit LogSigmoid(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return -LogOnePlusExp<P>(-z); }
  // The sigmoid of -z.
  MLP_INLINE P Slope(P /*z*/, P a) const { return -Expm1<P>(pmax<P>(a, Set<P>(-40.0F))); }
};
template <>
struct PacketForm<ActivationKind::kLogSigmoid> : OfParameters<LogSigmoid> {};

template <typename P>
struct Squareplus {
  explicit Squareplus(const float* parameters)
      : scale(Set<P>(ScaleFor(parameters[0]))),
        unscale(Set<P>(1.0F / ScaleFor(parameters[0]))),
        b(Set<P>(parameters[0] * ScaleFor(parameters[0]) * ScaleFor(parameters[0]))),
        // Beyond it, adding b under the root changes nothing, and z^2 might overflow.
        linear_from(Set<P>(0x1p13F * __builtin_sqrtf(parameters[0]))) {}
  MLP_INLINE P operator()(P z) const {
    const P half = Set<P>(0.5F);
    const P linear = pcmp_lt<P>(linear_from, pabs<P>(z));
    const P w = pabs<P>(z) * scale;
    const P root = pselect<P>(linear, w, psqrt<P>(pmadd<P>(w, w, b)));
    // Below 0 the sum cancels, so it is multiplied by its conjugate. Both terms are halved first,
    // because their sum may overflow. A root of 0 (with b = 0) must not give NaN.
    const P half_sum = pmadd<P>(half, w, half * root);
    const P below = Set<P>(0.25F) * b / pmax<P>(half_sum, Set<P>(1.17549435e-38F));
    const P above = pselect<P>(linear, z, half_sum * unscale);
    return pselect<P>(pcmp_lt<P>(z, Set<P>(0.0F)), below * unscale, above);
  }
  // f / sqrt(z^2 + b), and the root is 2 a - z.
  MLP_INLINE P Slope(P z, P a) const {
    const P slope = a / pmax<P>((a - z) + a, Set<P>(1.17549435e-38F));
    return pselect<P>(pcmp_lt<P>(linear_from, z), Set<P>(1.0F), slope);
  }

  // Where b is tiny, z^2 would be denormal and lose its digits. s f(z; b) = f(s z; s^2 b) for every
  // factor s > 0, and a power of 2 changes no digit.
  static float ScaleFor(float b) { return b < 0x1p-60F ? 0x1p40F : 1.0F; }

  P scale;
  P unscale;
  P b;  // scaled
  P linear_from;
};
template <>
struct PacketForm<ActivationKind::kSquareplus> : OfParameters<Squareplus> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_RAMPS_H_
