// ELU (Clevert et al. 2016): f(z) = z for z > 0, else alpha (e^z - 1); f'(z) = 1 or alpha e^z.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

// Values evaluated in one go: enough to fill vector registers, few enough for the stack.
constexpr std::int64_t kChunk = 64;

// The negative sides are gathered first, so that Eigen evaluates their exponentials vectorised.
void Values(const float* z, const float* alpha, std::int64_t count, float* a) {
  for (std::int64_t begin = 0; begin < count; begin += kChunk) {
    const std::int64_t size = std::min(kChunk, count - begin);
    Eigen::Array<float, Eigen::Dynamic, 1, Eigen::ColMajor, kChunk, 1> negative(size);
    // "Not above 0" and not "at most 0", so that NaN is passed on.
    for (std::int64_t i = 0; i < size; ++i) negative(i) = z[begin + i] > 0.0F ? 0.0F : z[begin + i];
    negative = negative.expm1();
    for (std::int64_t i = 0; i < size; ++i) {
      const float pre_activation = z[begin + i];
      a[begin + i] = pre_activation > 0.0F ? pre_activation : alpha[begin + i] * negative(i);
    }
  }
}

// alpha e^z = f(z) + alpha on the negative side.
void Slopes(const float* z, const float* a, const float* alpha, std::int64_t count, float* slopes) {
  for (std::int64_t i = 0; i < count; ++i) {
    slopes[i] = z[i] > 0.0F ? 1.0F : std::fabs(a[i] + alpha[i]);
  }
}

// |alpha| e^z = epsilon max(1, |alpha|); a flat negative side (small alpha) begins at 0.
Tails TailsOf(double alpha, double epsilon) {
  const double steepness = std::fabs(alpha);
  if (steepness == 0.0) return {0.0, kNoTail};
  return {std::min(0.0, std::log(epsilon * std::max(1.0, steepness) / steepness)), kNoTail};
}

}  // namespace

const ActivationInfo kElu = {ActivationKind::kElu,
                             "elu",
                             "z for z > 0, else alpha (e^z - 1)",
                             /*elementwise=*/true,
                             /*has_alpha=*/true,
                             Values,
                             Slopes,
                             TailsOf};

}  // namespace mlp::internal
