#include <cmath>
#include <vector>

#include "tests/model/activations/references/families.h"
#include "tests/model/activations/references/sigmoid.h"

namespace mlp::references {

std::vector<Reference> MakeStepsAndRamps() {
  const auto softplus = [](auto z, const float* p) {
    using T = decltype(z);
    const T beta = p[0];
    return beta * z > p[1] ? z : LogOnePlusExp(beta * z) / beta;
  };
  const auto softplus_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T x = T{p[0]} * z;
    return x > p[1] ? T{1} : Sigmoid(x);
  };
  const auto squareplus = [](auto z, const float* p) {
    using T = decltype(z);
    const T root = std::sqrt(z * z + T{p[0]});
    // The definition is (z + root) / 2. Where that cancels, it is rationalised with the conjugate.
    if (z < 0) return T{p[0]} / (2 * (root - z));
    return (z + root) / 2;
  };
  const auto squareplus_slope = [](auto z, const float* p) {
    using T = decltype(z);
    const T root = std::sqrt(z * z + T{p[0]});
    if (root == 0) return T{0};
    return z < 0 ? T{p[0]} / (2 * root * (root - z)) : (1 + z / root) / 2;
  };
  using Kind = ActivationKind;
  return {
      {"sigmoid",
       Kind::kSigmoid,
       {},
       [](auto z, const float*) { return Sigmoid(z); },
       [](auto z, const float*) { return Sigmoid(z) * Sigmoid(-z); },
       0,
       1},
      {"tanh",
       Kind::kTanh,
       {},
       [](auto z, const float*) { return std::tanh(z); },
       [](auto z, const float*) { return Sech2(z); },
       -1,
       1},
      {"softsign",
       Kind::kSoftsign,
       {},
       [](auto z, const float*) { return z / (1 + std::fabs(z)); },
       [](auto z, const float*) { return 1 / ((1 + std::fabs(z)) * (1 + std::fabs(z))); },
       -1,
       1},
      {"softplus", Kind::kSoftplus, {1, 20}, softplus, softplus_slope, 0, kInfinity, {20}},
      {"softplus", Kind::kSoftplus, {1, kInfinity}, softplus, softplus_slope, 0, kInfinity},
      {"softplus",
       Kind::kSoftplus,
       {0.3F, 5},
       softplus,
       softplus_slope,
       0,
       kInfinity,
       {5 / 0.3F, -300, -340}},
      {"softplus",
       Kind::kSoftplus,
       {7.1F, 20},
       softplus,
       softplus_slope,
       0,
       kInfinity,
       {20 / 7.1F, -12, -14}},
      {"log_sigmoid",
       Kind::kLogSigmoid,
       {},
       [](auto z, const float*) { return -LogOnePlusExp(-z); },
       [](auto z, const float*) { return Sigmoid(-z); },
       -kInfinity,
       0},
      {"squareplus", Kind::kSquareplus, {4}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {0.2F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1e-30F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1e-40F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {1.4e-45F}, squareplus, squareplus_slope, 0, kInfinity},
      {"squareplus", Kind::kSquareplus, {0}, squareplus, squareplus_slope, 0, kInfinity, {0}},
  };
}

}  // namespace mlp::references
