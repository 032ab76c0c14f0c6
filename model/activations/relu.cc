// The rectifiers. ReLU: f(z) = max(0, z). LeakyReLU (Maas et al. 2013) and PReLU (He et al. 2015,
// where alpha is trained): f(z) = z for z > 0, else alpha z.

#include <algorithm>
#include <cmath>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

// Written as a comparison that is false for NaN, so that NaN is passed on and not turned into 0.
void ReluValues(const float* z, const float* /*alpha*/, std::int64_t count, float* a) {
  for (std::int64_t i = 0; i < count; ++i) a[i] = z[i] <= 0.0F ? 0.0F : z[i];
}

void ReluSlopes(const float* z, const float* /*a*/, const float* /*alpha*/, std::int64_t count,
                float* slopes) {
  for (std::int64_t i = 0; i < count; ++i) slopes[i] = z[i] > 0.0F ? 1.0F : 0.0F;
}

Tails ReluTails(double /*alpha*/, double /*epsilon*/) { return {0.0, kNoTail}; }

void LeakyValues(const float* z, const float* alpha, std::int64_t count, float* a) {
  for (std::int64_t i = 0; i < count; ++i) a[i] = z[i] > 0.0F ? z[i] : alpha[i] * z[i];
}

void LeakySlopes(const float* z, const float* /*a*/, const float* alpha, std::int64_t count,
                 float* slopes) {
  for (std::int64_t i = 0; i < count; ++i) slopes[i] = z[i] > 0.0F ? 1.0F : std::fabs(alpha[i]);
}

// An alpha steeper than 1 makes the negative side the steepest one; the positive side is then the
// flatter, but never under epsilon for an alpha that a training leaves behind.
Tails LeakyTails(double alpha, double epsilon) {
  const double steepest = std::max(1.0, std::fabs(alpha));
  return {std::fabs(alpha) < epsilon * steepest ? 0.0 : kNoTail,
          1.0 < epsilon * steepest ? 0.0 : kNoTail};
}

}  // namespace

const ActivationInfo kRelu = {ActivationKind::kRelu, "relu",     "max(0, z)", /*elementwise=*/true,
                              /*has_alpha=*/false,   ReluValues, ReluSlopes,  ReluTails};

const ActivationInfo kLeakyRelu = {ActivationKind::kLeakyRelu,
                                   "leaky_relu",
                                   "z for z > 0, else alpha z",
                                   /*elementwise=*/true,
                                   /*has_alpha=*/true,
                                   LeakyValues,
                                   LeakySlopes,
                                   LeakyTails};

const ActivationInfo kPrelu = {ActivationKind::kPrelu,
                               "prelu",
                               "z for z > 0, else alpha z, with a trained alpha",
                               /*elementwise=*/true,
                               /*has_alpha=*/true,
                               LeakyValues,
                               LeakySlopes,
                               LeakyTails};

}  // namespace mlp::internal
