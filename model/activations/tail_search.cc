#include "model/activations/tail_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

Tails SearchTails(double (*slope)(double z, Parameters parameters), Parameters parameters,
                  double epsilon, double steepest, double reach) {
  const auto is_flat = [&](double z) {
    return std::fabs(slope(z, parameters)) < epsilon * steepest;
  };
  // Searches from `outermost` inwards. The steps are small enough to find every local maximum.
  const auto bound = [&](double outermost) {
    if (!is_flat(outermost)) return kNoTail;
    constexpr int kSteps = 1 << 14;
    const double step = -2.0 * outermost / kSteps;
    double flat = outermost;
    double steep = outermost;
    for (int i = 1; i <= kSteps && is_flat(steep); ++i) {
      flat = steep;
      steep = outermost + i * step;
    }
    for (;;) {
      const double middle = std::midpoint(flat, steep);
      if (middle == flat || middle == steep) return flat;
      (is_flat(middle) ? flat : steep) = middle;
    }
  };
  return {bound(-reach), bound(reach)};
}

double SearchSteepest(double (*slope)(double z, Parameters parameters), Parameters parameters,
                      double lowest, double highest) {
  // A ternary search; a hundred steps shrink the interval below a double's resolution.
  for (int i = 0; i < 100; ++i) {
    const double third = (highest - lowest) / 3.0;
    const double left = std::fabs(slope(lowest + third, parameters));
    const double right = std::fabs(slope(highest - third, parameters));
    (left < right ? lowest : highest) = left < right ? lowest + third : highest - third;
  }
  return std::fabs(slope(std::midpoint(lowest, highest), parameters));
}

}  // namespace mlp::internal
