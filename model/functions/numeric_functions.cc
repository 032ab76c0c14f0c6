// Source of the formulas: ONNX's Operators.md.

#include "model/functions/numeric_functions.h"

#include <cmath>

namespace mlp::internal {
namespace {

using Numbers = absl::Span<const double>;

// A function of one value, without parameters.
template <double (*function)(double)>
ElementwiseFunction OfOne(absl::string_view name) {
  return {name, "", 1, 1, false, {}, [](Numbers x, Numbers) { return function(x[0]); }};
}

// Rounds halves to even, in the default rounding mode.
double RoundHalfToEven(double x) { return std::nearbyint(x); }

// The remainder takes the sign of the dividend, as in C, or of the divisor, as in Python.
double Remainder(double x, double by, bool sign_of_dividend) {
  const double remainder = std::fmod(x, by);
  if (sign_of_dividend || remainder == 0.0 || std::signbit(remainder) == std::signbit(by)) {
    return remainder;
  }
  return remainder + by;
}

bool IsInfinity(double x, bool negative, bool positive) {
  return std::isinf(x) && (x < 0.0 ? negative : positive);
}

}  // namespace

std::vector<ElementwiseFunction> NumericFunctions() {
  return {
      OfOne<std::acos>("Acos"),
      OfOne<std::acosh>("Acosh"),
      OfOne<std::asin>("Asin"),
      OfOne<std::asinh>("Asinh"),
      OfOne<std::atan>("Atan"),
      OfOne<std::atanh>("Atanh"),
      OfOne<std::ceil>("Ceil"),
      OfOne<std::cos>("Cos"),
      OfOne<std::cosh>("Cosh"),
      {"Equal", "", 2, 2, true, {}, [](Numbers x, Numbers) { return x[0] == x[1] ? 1.0 : 0.0; }},
      OfOne<std::floor>("Floor"),
      {"IsInf",
       "",
       1,
       1,
       true,
       {{"detect_negative", 1.0F, true}, {"detect_positive", 1.0F, true}},
       [](Numbers x, Numbers p) { return IsInfinity(x[0], p[0] != 0, p[1] != 0) ? 1.0 : 0.0; }},
      {"IsNaN",
       "",
       1,
       1,
       true,
       {},
       [](Numbers x, Numbers) { return std::isnan(x[0]) ? 1.0 : 0.0; }},
      {"Mod",
       "",
       2,
       2,
       false,
       {{"fmod", 0.0F, true}},
       [](Numbers x, Numbers p) { return Remainder(x[0], x[1], p[0] != 0); }},
      OfOne<RoundHalfToEven>("Round"),
      OfOne<std::sin>("Sin"),
      OfOne<std::sinh>("Sinh"),
      OfOne<std::tan>("Tan"),
      {"Xor",
       "",
       2,
       2,
       true,
       {},
       [](Numbers x, Numbers) { return (x[0] != 0) != (x[1] != 0) ? 1.0 : 0.0; }},
  };
}

}  // namespace mlp::internal
