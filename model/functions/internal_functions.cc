#include "model/functions/internal_functions.h"

#include <cmath>

namespace mlp::internal {
namespace {

using Numbers = absl::Span<const double>;

// sqrt(2) erfinv(2x - 1), with ONNX Runtime's approximation for ai.onnx.ml's PROBIT.
double Probit(double x) {
  const double argument = 2 * x - 1;
  const double log = std::log((1 - argument) * (1 + argument));
  const double a = 2 / (3.14159 * 0.147) + 0.5 * log;
  return std::copysign(1.41421356, argument) * std::sqrt(std::sqrt(a * a - log / 0.147) - a);
}

// Converts as processors and ONNX Runtime do: truncates towards zero, and maps values outside the
// type to its lowest integer. Types of 8 and 16 bits instead keep an integer's last bits.
double ToInteger(double x, double lowest, double count) {
  constexpr double kMaxWrapped = 65'536;
  const bool fits = std::fabs(x) < 9.2e18;
  const double whole = fits ? std::trunc(x) : (count > kMaxWrapped ? lowest : 0.0);
  if (whole >= lowest && whole < lowest + count) return whole;
  if (count > kMaxWrapped) return lowest;
  return lowest + (whole - lowest) - count * std::floor((whole - lowest) / count);
}

}  // namespace

std::vector<ElementwiseFunction> InternalFunctions() {
  return {
      // Integer division, truncated towards zero; 0 for division by 0.
      {"IntegerDiv",
       kInternalDomain,
       2,
       2,
       false,
       {},
       [](Numbers x, Numbers) { return x[1] == 0 ? 0.0 : std::trunc(x[0] / x[1]); }},
      {"Probit", kInternalDomain, 1, 1, false, {}, [](Numbers x, Numbers) { return Probit(x[0]); }},
      // Converts to one of the `count` integers from `lowest` on.
      {"ToInteger",
       kInternalDomain,
       1,
       1,
       false,
       {{"lowest", -9223372036854775808.0F}, {"count", 18446744073709551616.0F}},
       [](Numbers x, Numbers p) { return ToInteger(x[0], p[0], p[1]); }},
      // The product of two 8-bit or 16-bit integers, wrapped to their type. FP32 would round it.
      {"WrappedMul",
       kInternalDomain,
       2,
       2,
       false,
       {{"lowest", -128.0F}, {"count", 256.0F}},
       [](Numbers x, Numbers p) { return ToInteger(x[0] * x[1], p[0], p[1]); }},
      {"IsEqual",
       kInternalDomain,
       2,
       2,
       true,
       {},
       [](Numbers x, Numbers) { return x[0] == x[1] ? 1.0 : 0.0; }},
  };
}

}  // namespace mlp::internal
