#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/model/activations/references/families.h"

namespace mlp::references {
namespace {

// The line alpha z + beta, clipped to [0, 1].
template <typename T>
T HardSigmoid(T z, const float* p) {
  return std::clamp(T{p[0]} * z + T{p[1]}, T{0}, T{1});
}

// z - tanh z by its Taylor series, for |z| < 0.1.
template <typename T>
T TanhShrinkSeries(T z) {
  const T s = z * z;
  return z * s *
         (T{1} / 3 - s * (T{2} / 15 -
                          s * (T{17} / 315 - s * (T{62} / 2835 - s * (T{1382} / 155925 -
                                                                      s * (T{21844} / 6081075))))));
}

}  // namespace

std::vector<Reference> MakeClippedAndShrinks() {
  const auto hard_sigmoid = [](auto z, const float* p) { return HardSigmoid(z, p); };
  const auto hard_sigmoid_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T a = HardSigmoid(z, p);
    return T{0} < a && a < T{1} ? T{p[0]} : T{0};
  };
  const auto hard_tanh = [](auto z, const float* p) {
    using T = decltype(z);
    return std::clamp(z, T{p[0]}, T{p[1]});
  };
  const auto hard_tanh_slope = [](auto z, const float* p) {
    return static_cast<decltype(z)>(z > p[0] && z < p[1] ? 1 : 0);
  };
  const auto soft_shrink = [](auto z, const float* p) {
    using T = decltype(z);
    const T lambda = p[0];
    return z > lambda ? z - lambda : z < -lambda ? z + lambda : T{0};
  };
  const auto hard_shrink = [](auto z, const float* p) {
    return std::fabs(z) > p[0] ? z : decltype(z){0};
  };
  const auto shrink_slope = [](auto z, const float* p) {
    return static_cast<decltype(z)>(std::fabs(z) > p[0] ? 1 : 0);
  };
  using Kind = ActivationKind;
  return {
      {"hard_sigmoid",
       Kind::kHardSigmoid,
       {0.2F, 0.5F},
       hard_sigmoid,
       hard_sigmoid_slope,
       0,
       1,
       {-2.5F, 2.5F}},
      {"hard_sigmoid",
       Kind::kHardSigmoid,
       {1.0F / 6, 0.5F},
       hard_sigmoid,
       hard_sigmoid_slope,
       0,
       1,
       {-3, 3}},
      {"hard_swish",
       Kind::kHardSwish,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return z * std::clamp(z + 3, T{0}, T{6}) / 6;
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return z <= -3 ? T{0} : z <= 3 ? (2 * z + 3) / 6 : T{1};
       },
       0,
       kInfinity,
       {-3, -1.5F, 0, 3}},
      {"hard_tanh", Kind::kHardTanh, {-1, 1}, hard_tanh, hard_tanh_slope, -1, 1, {-1, 1}},
      {"hard_tanh", Kind::kHardTanh, {-0.1F, 7}, hard_tanh, hard_tanh_slope, -0.1F, 7, {-0.1F, 7}},
      {"sparse_plus",
       Kind::kSparsePlus,
       {},
       [](auto z, const float*) {
         return z <= -1 ? decltype(z){0} : z < 1 ? (z + 1) * (z + 1) / 4 : z;
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return z <= -1 ? T{0} : z < 1 ? (z + 1) / 2 : T{1};
       },
       0,
       kInfinity,
       {-1, 1}},
      {"sparse_sigmoid",
       Kind::kSparseSigmoid,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return std::clamp((z + 1) / 2, T{0}, T{1});
       },
       [](auto z, const float*) {
         using T = decltype(z);
         return std::fabs(z) < 1 ? T{1} / 2 : T{0};
       },
       0,
       1,
       {-1, 1}},
      {"soft_shrink",
       Kind::kSoftShrink,
       {0.5F},
       soft_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.5F, 0.5F}},
      {"soft_shrink",
       Kind::kSoftShrink,
       {0.1F},
       soft_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.1F, 0.1F}},
      {"hard_shrink",
       Kind::kHardShrink,
       {0.5F},
       hard_shrink,
       shrink_slope,
       -kInfinity,
       kInfinity,
       {-0.5F, 0.5F}},
      {"tanh_shrink",
       Kind::kTanhShrink,
       {},
       [](auto z, const float*) {
         using T = decltype(z);
         return std::fabs(z) < T{0.1} ? TanhShrinkSeries(z) : z - std::tanh(z);
       },
       [](auto z, const float*) { return std::tanh(z) * std::tanh(z); },
       -kInfinity,
       kInfinity,
       {-1, 1}},
  };
}

}  // namespace mlp::references
