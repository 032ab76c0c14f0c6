#include <cmath>
#include <limits>
#include <vector>

#include "tests/model/activations/references/families.h"
#include "tests/model/activations/references/sigmoid.h"

namespace mlp::references {
namespace {

template <typename T>
T NormalDistribution(T z) {
  return std::erfc(-z * std::sqrt(T{0.5})) / 2;
}

template <typename T>
T NormalDensity(T z) {
  return std::exp(-z * z / 2) / std::sqrt(2 * std::acos(T{-1}));
}

// z (1 + tanh u) / 2 = z sigmoid(2 u).
template <typename T>
T TanhArgument(T z) {
  return std::sqrt(2 / std::acos(T{-1})) * (z + T{44715} / 1000000 * z * z * z);
}

// f(z) = z s(x(z)) with the sigmoid s: s + z x' s (1 - s), where 1 - s(x) = s(-x).
template <typename T>
T GatedSlope(T z, T x, T x_slope) {
  return Sigmoid(x) + z * x_slope * Sigmoid(x) * Sigmoid(-x);
}

}  // namespace

std::vector<Reference> MakeGates() {
  const auto swish = [](auto z, const float* p) {
    using T = decltype(z);
    return z * Sigmoid(T{p[0]} * z);
  };
  const auto swish_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return GatedSlope(z, T{p[0]} * z, T{p[0]});
  };
  using Kind = ActivationKind;
  return {
      {"silu",
       Kind::kSilu,
       {},
       [](auto z, const float*) { return z * Sigmoid(z); },
       [](auto z, const float*) { return GatedSlope(z, z, decltype(z){1}); },
       0,
       kInfinity,
       {-90, -100, -107}},
      {"swish", Kind::kSwish, {1}, swish, swish_slope, 0, kInfinity, {-90, -100, -107}},
      {"swish", Kind::kSwish, {1.702F}, swish, swish_slope, 0, kInfinity, {-55, -60, -63}},
      {"swish", Kind::kSwish, {0.013F}, swish, swish_slope, 0, kInfinity, {-7000, -8000}},
      {"swish", Kind::kSwish, {-0.5F}, swish, swish_slope, -kInfinity, 0, {180, 200}},
      {"gelu",
       Kind::kGelu,
       {},
       [](auto z, const float*) { return z * NormalDistribution(z); },
       [](auto z, const float*) { return NormalDistribution(z) + z * NormalDensity(z); },
       0,
       kInfinity,
       {-13, -14, -14.3F}},
      {"gelu_tanh",
       Kind::kGeluTanh,
       {},
       [](auto z, const float*) { return z * Sigmoid(2 * TanhArgument(z)); },
       [](auto z, const float*) {
         using T = decltype(z);
         const T x_slope =
             2 * std::sqrt(2 / std::acos(T{-1})) * (1 + 3 * T{44715} / 1000000 * z * z);
         return GatedSlope(z, 2 * TanhArgument(z), x_slope);
       },
       0,
       kInfinity,
       {-9, -10, -10.5F}},
      {"mish",
       Kind::kMish,
       {},
       [](auto z, const float*) { return z * std::tanh(LogOnePlusExp(z)); },
       [](auto z, const float*) {
         return std::tanh(LogOnePlusExp(z)) + z * Sigmoid(z) * Sech2(LogOnePlusExp(z));
       },
       0,
       kInfinity,
       {-90, -100, -107}},
      {"sine",
       Kind::kSine,
       {},
       [](auto z, const float*) { return std::sin(z); },
       [](auto z, const float*) { return std::cos(z); },
       std::numeric_limits<float>::quiet_NaN(),
       std::numeric_limits<float>::quiet_NaN(),
       {3.14159274F, -6.28318548F, 47123.8906F, 117435.992F}},
  };
}

}  // namespace mlp::references
