#include <cmath>
#include <vector>

#include "tests/model/activations/references/families.h"

namespace mlp::references {

std::vector<Reference> MakeExponentials() {
  const auto elu = [](auto z, const float* p) { return z > 0 ? z : p[0] * std::expm1(z); };
  const auto elu_slope = [](auto z, const float* p) {
    return z > 0 ? decltype(z){1} : p[0] * std::exp(z);
  };
  const auto selu = [](auto z, const float* p) {
    using T = decltype(z);
    return T{p[1]} * (z > 0 ? z : p[0] * std::expm1(z));
  };
  const auto selu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return T{p[1]} * (z > 0 ? T{1} : p[0] * std::exp(z));
  };
  const auto celu = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? z : T{p[0]} * std::expm1(z / T{p[0]});
  };
  const auto celu_slope = [](auto z, const float* p) {
    using T = decltype(z);
    return z > 0 ? T{1} : std::exp(z / T{p[0]});
  };
  using Kind = ActivationKind;
  return {
      {"elu", Kind::kElu, {1}, elu, elu_slope, -1, kInfinity, {0}},
      {"elu", Kind::kElu, {0.3F}, elu, elu_slope, -0.3F, kInfinity, {0}},
      {"selu",
       Kind::kSelu,
       {1.67326324F, 1.05070098F},
       selu,
       selu_slope,
       -1.75809932F,
       kInfinity,
       {0}},
      {"celu", Kind::kCelu, {1}, celu, celu_slope, -1, kInfinity, {0}},
      {"celu", Kind::kCelu, {0.07F}, celu, celu_slope, -0.07F, kInfinity, {0}},
      {"celu", Kind::kCelu, {130}, celu, celu_slope, -130, kInfinity, {0}},
      {"exponential",
       Kind::kExponential,
       {},
       [](auto z, const float*) { return std::exp(z); },
       [](auto z, const float*) { return std::exp(z); },
       0,
       kInfinity,
       {88.72F, -87.4F, -103.5F}},
  };
}

}  // namespace mlp::references
