// f(z) = z.

#include <algorithm>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

void Values(const float* z, const float* /*alpha*/, std::int64_t count, float* a) {
  if (a != z) std::copy(z, z + count, a);
}

void Slopes(const float* /*z*/, const float* /*a*/, const float* /*alpha*/, std::int64_t count,
            float* slopes) {
  std::fill(slopes, slopes + count, 1.0F);
}

Tails TailsOf(double /*alpha*/, double /*epsilon*/) { return {kNoTail, kNoTail}; }

}  // namespace

const ActivationInfo kIdentity = {
    ActivationKind::kIdentity, "identity", "z",    /*elementwise=*/true,
    /*has_alpha=*/false,       Values,     Slopes, TailsOf};

}  // namespace mlp::internal
