#include <algorithm>
#include <vector>

#include "tests/model/activations/references/families.h"

namespace mlp::references {

std::vector<Reference> MakeRectifiers() {
  const auto leaky = [](auto z, const float* p) { return z > 0 ? z : p[0] * z; };
  const auto leaky_slope = [](auto z, const float* p) {
    return z > 0 ? decltype(z){1} : decltype(z){p[0]};
  };
  const auto keras_relu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > p[2] ? std::min(z, T{p[1]}) : p[0] == 0 ? T{0} : T{p[0]} * (z - T{p[2]});
  };
  const auto keras_relu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > p[2] ? (z < p[1] ? T{1} : T{0}) : T{p[0]};
  };
  const auto threshold = [](auto z, const float* p) { return z > p[0] ? z : decltype(z){p[1]}; };
  const auto thresholded = [](auto z, const float* p) { return z > p[0] ? z : decltype(z){0}; };
  const auto above = [](auto z, const float* p) {
    return static_cast<decltype(z)>(z > p[0] ? 1 : 0);
  };
  const auto rrelu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? z : (T{p[0]} + T{p[1]}) / 2 * z;
  };
  const auto rrelu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? T{1} : (T{p[0]} + T{p[1]}) / 2;
  };
  using Kind = ActivationKind;
  return {
      {"identity",
       Kind::kIdentity,
       {},
       [](auto z, const float*) { return z; },
       [](auto z, const float*) { return decltype(z){1}; },
       -kInfinity,
       kInfinity},
      {"relu",
       Kind::kRelu,
       {},
       [](auto z, const float*) { return z > 0 ? z : decltype(z){0}; },
       [](auto z, const float*) { return static_cast<decltype(z)>(z > 0 ? 1 : 0); },
       0,
       kInfinity,
       {0}},
      {"leaky_relu", Kind::kLeakyRelu, {0.01F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"leaky_relu", Kind::kLeakyRelu, {0.3F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"leaky_relu", Kind::kLeakyRelu, {-1.5F}, leaky, leaky_slope, kInfinity, kInfinity, {0}},
      {"prelu", Kind::kPrelu, {0.25F}, leaky, leaky_slope, -kInfinity, kInfinity, {0}},
      {"prelu", Kind::kPrelu, {-0.1F}, leaky, leaky_slope, kInfinity, kInfinity, {0}},
      {"rrelu", Kind::kRrelu, {0.125F, 1.0F / 3}, rrelu, rrelu_slope, -kInfinity, kInfinity, {0}},
      {"relu6",
       Kind::kRelu6,
       {},
       [](auto z, const float*) { return std::clamp(z, decltype(z){0}, decltype(z){6}); },
       [](auto z, const float*) { return static_cast<decltype(z)>(z > 0 && z < 6 ? 1 : 0); },
       0,
       6,
       {0, 6}},
      {"keras_relu",
       Kind::kKerasRelu,
       {0, kInfinity, 0},
       keras_relu,
       keras_relu_slope,
       0,
       kInfinity,
       {0}},
      {"keras_relu",
       Kind::kKerasRelu,
       {0.2F, 4, 1.5F},
       keras_relu,
       keras_relu_slope,
       -kInfinity,
       4,
       {1.5F, 4}},
      {"thresholded_relu", Kind::kThresholdedRelu, {1}, thresholded, above, 0, kInfinity, {1}},
      {"threshold", Kind::kThreshold, {0, 0}, threshold, above, 0, kInfinity, {0}},
      {"threshold", Kind::kThreshold, {0.1F, 20}, threshold, above, 20, kInfinity, {0.1F}},
  };
}

}  // namespace mlp::references
