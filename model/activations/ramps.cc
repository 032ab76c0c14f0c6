// The smooth ramps. Evaluated by functions/ramps.h.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

double LogOnePlusExp(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))); }

double SoftplusValue(double z, Parameters p) {
  const double x = static_cast<double>(p[0]) * z;
  return x > p[1] ? z : LogOnePlusExp(x) / p[0];
}

double SoftplusSlope(double z, Parameters p) {
  const double x = static_cast<double>(p[0]) * z;
  return x > p[1] ? 1.0 : LogisticOf(x);
}

// The sigmoid is epsilon at log(epsilon / (1 - epsilon)); above the threshold f' is 1.
Tails SoftplusTails(Parameters p, double epsilon) {
  const double bound = std::log(epsilon / (1.0 - epsilon));
  return {std::min<double>(bound, p[1]) / p[0], kNoTail};
}

double SquareplusSlope(double z, Parameters p) {
  const double root = std::sqrt(z * z + p[0]);
  if (root == 0.0) return 0.0;
  return z < 0.0 ? p[0] / (2.0 * root * (root - z)) : (1.0 + z / root) / 2.0;
}

// (1 + z / sqrt(z^2 + b)) / 2 = epsilon, where z / sqrt(z^2 + b) = 2 epsilon - 1.
Tails SquareplusTails(Parameters p, double epsilon) {
  const double cosine = 2.0 * epsilon - 1.0;
  return {cosine * std::sqrt(p[0] / (4.0 * epsilon * (1.0 - epsilon))), kNoTail};
}

constexpr ActivationParameter kSoftplus[] = {{"beta", 1.0F, 1e-6F, 1e6F},
                                             {"threshold", 20.0F, -kLargestFloat, kInfinity}};
constexpr ActivationParameter kSquareplus[] = {{"b", 4.0F, 0.0F, 1e12F}};

constexpr ActivationInfo kRamps[] = {
    // Keras and ONNX have no beta and no threshold; at the default 20 it changes no float.
    {.kind = ActivationKind::kSoftplus,
     .name = "softplus",
     .formula = "log(1 + e^(beta z)) / beta, z where beta z > threshold",
     .source = "Dugas et al. 2001; torch.nn.Softplus",
     .names = {"Softplus", "softplus", "Softplus", ""},
     .parameters = kSoftplus,
     .value = SoftplusValue,
     .slope = SoftplusSlope,
     .steepest = One,
     .tails = SoftplusTails},
    {.kind = ActivationKind::kLogSigmoid,
     .name = "log_sigmoid",
     .formula = "-log(1 + e^-z)",
     .source = "torch.nn.LogSigmoid",
     .names = {"LogSigmoid", "log_sigmoid", "", ""},
     .value = [](double z, Parameters) { return -LogOnePlusExp(-z); },
     .slope = [](double z, Parameters) { return LogisticOf(-z); },
     .steepest = One,
     .tails =
         [](Parameters, double epsilon) {
           return Tails{kNoTail, std::log((1.0 - epsilon) / epsilon)};
         }},
    {.kind = ActivationKind::kSquareplus,
     .name = "squareplus",
     .formula = "(z + sqrt(z^2 + b)) / 2",
     .source = "Barron 2021",
     .names = {"", "squareplus", "", ""},
     .parameters = kSquareplus,
     .value = [](double z, Parameters p) { return (z + std::sqrt(z * z + p[0])) / 2.0; },
     .slope = SquareplusSlope,
     .steepest = One,
     .tails = SquareplusTails},
};

}  // namespace

absl::Span<const ActivationInfo> Ramps() { return kRamps; }

}  // namespace mlp::internal
