// The smooth steps. Evaluated by functions/steps.h.

#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

// f (1 - f) = epsilon / 4 has the roots f = (1 -+ r) / 2 with r = sqrt(1 - epsilon).
Tails SigmoidTails(Parameters /*parameters*/, double epsilon) {
  const double r = std::sqrt(1.0 - epsilon);
  // epsilon / (1 + r) is 1 - r without its cancellation.
  const double bound = std::log((1.0 + r) * (1.0 + r) / epsilon);
  return {-bound, bound};
}

// 1 - f^2 = epsilon at f = -+sqrt(1 - epsilon).
Tails TanhTails(Parameters parameters, double epsilon) {
  const double bound = SigmoidTails(parameters, epsilon).upper / 2.0;
  return {-bound, bound};
}

// 1 / (1 + |z|)^2 = epsilon.
Tails SoftsignTails(Parameters /*parameters*/, double epsilon) {
  const double bound = 1.0 / std::sqrt(epsilon) - 1.0;
  return {-bound, bound};
}

constexpr ActivationInfo kSteps[] = {
    {.kind = ActivationKind::kSigmoid,
     .name = "sigmoid",
     .formula = "1 / (1 + e^-z)",
     .source = "ONNX operator Sigmoid",
     .names = {"Sigmoid", "sigmoid", "Sigmoid", "logistic"},
     .value = [](double z, Parameters) { return LogisticOf(z); },
     .slope = [](double z, Parameters) { return LogisticOf(z) * LogisticOf(-z); },
     .steepest = [](Parameters) { return 0.25; },
     .tails = SigmoidTails},
    {.kind = ActivationKind::kTanh,
     .name = "tanh",
     .formula = "tanh z",
     .source = "ONNX operator Tanh",
     .names = {"Tanh", "tanh", "Tanh", "tanh"},
     .value = [](double z, Parameters) { return std::tanh(z); },
     .slope = [](double z, Parameters) { return 1.0 / (std::cosh(z) * std::cosh(z)); },
     .steepest = One,
     .tails = TanhTails},
    {.kind = ActivationKind::kSoftsign,
     .name = "softsign",
     .formula = "z / (1 + |z|)",
     .source = "Turian et al. 2009",
     .names = {"Softsign", "softsign", "Softsign", ""},
     .value = [](double z, Parameters) { return z / (1.0 + std::fabs(z)); },
     .slope = [](double z,
                 Parameters) { return 1.0 / ((1.0 + std::fabs(z)) * (1.0 + std::fabs(z))); },
     .steepest = One,
     .tails = SoftsignTails},
};

}  // namespace

absl::Span<const ActivationInfo> Steps() { return kSteps; }

}  // namespace mlp::internal
