// f(z)_i = e^z_i / sum_j e^z_j over the units of a row.

#include <Eigen/Core>

#include "model/activations/functions.h"

namespace mlp::internal {
namespace {

// The greatest logit is subtracted first, so that no exponential overflows.
void Values(const float* z, const float* /*alpha*/, std::int64_t count, float* a) {
  const Eigen::Map<const Eigen::ArrayXf> logits(z, count);
  Eigen::Map<Eigen::ArrayXf> probabilities(a, count);
  probabilities = (logits - logits.maxCoeff<Eigen::PropagateNaN>()).exp();
  probabilities /= probabilities.sum();
}

}  // namespace

const ActivationInfo kSoftmax = {ActivationKind::kSoftmax,
                                 "softmax",
                                 "e^z / sum(e^z) over the units of a row",
                                 /*elementwise=*/false,
                                 /*has_alpha=*/false,
                                 Values,
                                 nullptr,
                                 nullptr};

}  // namespace mlp::internal
