// f(z) = tanh z, f'(z) = 1 - f(z)^2, steepest at 0 with 1.

#include <Eigen/Core>
#include <cmath>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

using ConstRow = Eigen::Map<const Eigen::ArrayXf>;
using Row = Eigen::Map<Eigen::ArrayXf>;

void Values(const float* z, const float* /*alpha*/, std::int64_t count, float* a) {
  Row(a, count) = ConstRow(z, count).tanh();
}

void Slopes(const float* /*z*/, const float* a, const float* /*alpha*/, std::int64_t count,
            float* slopes) {
  Row(slopes, count) = 1.0F - ConstRow(a, count).square();
}

// 1 - f^2 = epsilon at f = -+sqrt(1 - epsilon).
Tails TailsOf(double /*alpha*/, double epsilon) {
  const double bound = std::atanh(std::sqrt(1.0 - epsilon));
  return {-bound, bound};
}

}  // namespace

const ActivationInfo kTanh = {ActivationKind::kTanh, "tanh", "tanh z", /*elementwise=*/true,
                              /*has_alpha=*/false,   Values, Slopes,   TailsOf};

}  // namespace mlp::internal
