// Operations on a packet P of floats, from which the families' formulas are written. P is one of
// Eigen's packets or a plain float. Also the few steps of double-float arithmetic that the formulas
// need.
//
// A source file that includes these headers is compiled once for each instruction set, with
// MLP_KERNEL_NAMESPACE and Eigen defined as names specific to that set. Otherwise the linker would
// merge inline functions compiled for different sets. Compile it with -ffp-contract=off, so that
// products and sums are fused only where pmadd is written, and with EIGEN_FAST_MATH=0: Eigen's fast
// square root is approximate and takes denormals for zero.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_H_

#include <Eigen/Core>
#include <cstdint>
#include <type_traits>

#ifndef MLP_KERNEL_NAMESPACE
#error "for sources that mlp_add_kernel_objects compiles for each instruction set alone"
#endif

#define MLP_INLINE EIGEN_ALWAYS_INLINE

namespace mlp::MLP_KERNEL_NAMESPACE {

// The widest packet of the instruction set.
using Packet = Eigen::internal::packet_traits<float>::type;

using Eigen::internal::pabs;
using Eigen::internal::pand;
using Eigen::internal::pandnot;
using Eigen::internal::pcmp_eq;
using Eigen::internal::pcmp_le;
using Eigen::internal::pcmp_lt;
using Eigen::internal::pmadd;
using Eigen::internal::pmax;
using Eigen::internal::pmin;
using Eigen::internal::por;
using Eigen::internal::pselect;
using Eigen::internal::psqrt;
using Eigen::internal::pxor;

inline constexpr float kInfinity = __builtin_inff();

// f(z) and |f'(z)|, for functors in which the two share most of their work, such as an exponential.
template <typename P>
struct ValueAndSlope {
  P value;
  P slope;
};

// Whether pmadd rounds only once.
template <typename P>
inline constexpr bool kFused =
#if defined(EIGEN_VECTORIZE_FMA) || defined(__ARM_FEATURE_FMA)
    true;
#else
    false;
#endif
template <>
inline constexpr bool kFused<float> = false;

template <typename P>
struct IntegersOf {
  using Type = typename Eigen::internal::unpacket_traits<P>::integer_packet;
};
template <>
struct IntegersOf<float> {
  using Type = std::int32_t;
};

template <typename P>
MLP_INLINE P Set(float value) {
  return Eigen::internal::pset1<P>(value);
}

// NaN stays NaN: pmin and pmax return their first argument if either is NaN.
template <typename P>
MLP_INLINE P Clamp(P x, P lowest, P highest) {
  return pmin<P>(pmax<P>(x, lowest), highest);
}

// count + 1 where x <= y, otherwise count.
MLP_INLINE IntegersOf<Packet>::Type AddOneWhereAtMost(IntegersOf<Packet>::Type count, Packet x,
                                                      Packet y) {
#if defined(EIGEN_VECTORIZE_AVX512)
  // Eigen would convert the mask to a packet and back to a mask.
  return _mm512_mask_add_epi32(count, _mm512_cmp_ps_mask(x, y, _CMP_LE_OQ), count,
                               _mm512_set1_epi32(1));
#else
  // Where the comparison holds, all bits are set, which is -1.
  using Integers = IntegersOf<Packet>::Type;
  return Eigen::internal::psub(count, __builtin_bit_cast(Integers, pcmp_le<Packet>(x, y)));
#endif
}

// Whether x <= y in every element, which also means that none is NaN.
MLP_INLINE bool AllAtMost(Packet x, Packet y) {
#if defined(EIGEN_VECTORIZE_AVX512)
  return _mm512_cmp_ps_mask(x, y, _CMP_LE_OQ) == 0xFFFF;
#elif defined(EIGEN_VECTORIZE_AVX2)
  return _mm256_movemask_ps(pcmp_le<Packet>(x, y)) == 0xFF;
#else
  return Eigen::internal::predux_min(pand<Packet>(pcmp_le<Packet>(x, y), Set<Packet>(1.0F))) !=
         0.0F;
#endif
}

// Only the sign bit of x.
template <typename P>
MLP_INLINE P SignBit(P x) {
  return pand<P>(x, Set<P>(-0.0F));
}

// x with the sign of `sign`. REQUIRES: x is not negative.
template <typename P>
MLP_INLINE P WithSignOf(P x, P sign) {
  return por<P>(x, SignBit<P>(sign));
}

// c[kFirst] + c[kFirst + 2] x + c[kFirst + 4] x^2 + ...
template <int kFirst, typename P, int kCount>
MLP_INLINE P EveryOther(P x, const float (&c)[kCount]) {
  if constexpr (kFirst + 2 >= kCount) {
    return Set<P>(c[kFirst]);
  } else {
    return pmadd<P>(EveryOther<kFirst + 2>(x, c), x, Set<P>(c[kFirst]));
  }
}

// c[0] + c[1] x + c[2] x^2 + ..., with even and odd powers computed in parallel. Horner's rule
// alone is a single chain, whose latency a CPU cannot hide. `square` is x^2.
template <typename P, int kCount>
MLP_INLINE P SplitPolynomial(P x, P square, const float (&c)[kCount]) {
  return pmadd<P>(EveryOther<1>(square, c), x, EveryOther<0>(square, c));
}

// The unevaluated sum high + low with |low| at most half an ulp of high.
template <typename P>
struct DoubleFloat {
  P high;
  P low;
};

// x y without error, unless the product overflows or low underflows.
template <typename P>
MLP_INLINE DoubleFloat<P> ExactProduct(P x, P y) {
  const P high = x * y;
  if constexpr (kFused<P>) {
    return {high, pmadd<P>(x, y, -high)};
  } else {
    // Dekker 1971, but the halves are split off by a mask, which cannot overflow as his products
    // can.
    const P upper_half = Eigen::internal::pset1frombits<P>(0xFFFFF000U);
    const P x_high = pand<P>(x, upper_half);
    const P x_low = x - x_high;
    const P y_high = pand<P>(y, upper_half);
    const P y_low = y - y_high;
    return {high, ((x_high * y_high - high) + x_high * y_low + x_low * y_high) + x_low * y_low};
  }
}

// x + y without error (Knuth), unless it overflows.
template <typename P>
MLP_INLINE DoubleFloat<P> ExactSum(P x, P y) {
  const P high = x + y;
  const P y_part = high - x;
  return {high, (x - (high - y_part)) + (y - y_part)};
}

// x y + z. If pmadd is fused, it is rounded once; otherwise it agrees within an ulp, even where the
// sum cancels.
template <typename P>
MLP_INLINE P MultiplyAdd(P x, P y, P z) {
  if constexpr (kFused<P>) {
    return pmadd<P>(x, y, z);
  } else {
    const DoubleFloat<P> product = ExactProduct<P>(x, y);
    return (product.high + z) + product.low;
  }
}

// x y + rest, rounded once. REQUIRES: the rest is at most a few rounding errors of x y.
template <typename P>
MLP_INLINE P MultiplyAddRest(P x, P y, P rest) {
  if constexpr (kFused<P>) {
    return pmadd<P>(x, y, rest);
  } else {
    const DoubleFloat<P> product = ExactProduct<P>(x, y);
    return product.high + (product.low + rest);
  }
}

// 2^n for an integer n in [-126, 127]. The sum's lowest eight bits are the biased exponent; the
// shift moves them into place and everything else out.
template <typename P>
MLP_INLINE P PowerOfTwo(P n) {
  using Integers = typename IntegersOf<P>::Type;
  const P sum = n + Set<P>(0x1.8p23F + 127.0F);
  const Integers bits = Eigen::internal::plogical_shift_left<23>(__builtin_bit_cast(Integers, sum));
  return __builtin_bit_cast(P, bits);
}

// x - y z without error. REQUIRES: x - y z is a rounding error of y z.
template <typename P>
MLP_INLINE P Residual(P x, P y, P z) {
  if constexpr (kFused<P>) {
    return pmadd<P>(-y, z, x);
  } else {
    const DoubleFloat<P> product = ExactProduct<P>(y, z);
    return (x - product.high) - product.low;
  }
}

// A number that may be too small for a float's exponent: (mantissa + low) 2^exponent with an
// integer exponent. `low` is the mantissa's rounding error, for formulas that need it.
template <typename P>
struct Scaled {
  P mantissa;
  P exponent;
  P low;
};

// The nearest float, denormal if necessary, rounded once. REQUIRES: exponent in [-251, 127].
template <typename P>
MLP_INLINE P Unscale(P mantissa, P exponent) {
  const P first = pmax<P>(exponent, Set<P>(-125.0F));
  return mantissa * PowerOfTwo<P>(first) * PowerOfTwo<P>(exponent - first);
}

// The same for exponents up to 127, but exponents below -125 are replaced by -125. For terms that
// are then added to something that is not small. Shares its work with Unscale.
template <typename P>
MLP_INLINE P UnscaleOrTiny(P mantissa, P exponent) {
  return mantissa * PowerOfTwo<P>(pmax<P>(exponent, Set<P>(-125.0F)));
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_PACKET_H_
