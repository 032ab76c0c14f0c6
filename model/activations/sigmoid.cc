// f(z) = 1 / (1 + e^-z), f'(z) = f(z) (1 - f(z)), steepest at 0 with 1/4.

#include <Eigen/Core>
#include <cmath>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

using ConstRow = Eigen::Map<const Eigen::ArrayXf>;
using Row = Eigen::Map<Eigen::ArrayXf>;

// Not Eigen's logistic(), whose rational approximation is off by 7e-6 relative on the lower side.
void Values(const float* z, const float* /*alpha*/, std::int64_t count, float* a) {
  Row(a, count) = (1.0F + (-ConstRow(z, count)).exp()).inverse();
}

void Slopes(const float* /*z*/, const float* a, const float* /*alpha*/, std::int64_t count,
            float* slopes) {
  const ConstRow value(a, count);
  Row(slopes, count) = value * (1.0F - value);
}

// f(1 - f) = epsilon / 4 has the roots f = (1 -+ r) / 2 with r = sqrt(1 - epsilon).
Tails TailsOf(double /*alpha*/, double epsilon) {
  const double r = std::sqrt(1.0 - epsilon);
  const double bound = std::log((1.0 + r) / (1.0 - r));
  return {-bound, bound};
}

}  // namespace

const ActivationInfo kSigmoid = {ActivationKind::kSigmoid, "sigmoid", "1 / (1 + e^-z)",
                                 /*elementwise=*/true,
                                 /*has_alpha=*/false,      Values,    Slopes,           TailsOf};

}  // namespace mlp::internal
