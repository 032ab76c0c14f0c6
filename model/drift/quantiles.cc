#include "model/drift/quantiles.h"

#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

namespace mlp {
namespace {

// With more degrees, the incomplete gamma function needs too many terms, and the expansion is exact
// to the last digits.
constexpr double kManyDegrees = 10'000;

constexpr int kMaxQuantileSteps = 200;

// The Cornish-Fisher expansion of the chi-square quantile in terms of the normal quantile:
// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.49 with the cumulants of
// chi-square.
double ExpandedQuantile(double degrees, double probability) {
  const double z = Eigen::numext::ndtri(probability);
  const double z2 = z * z;
  const double root = std::sqrt(degrees);
  return degrees + std::sqrt(2.0) * z * root + 2.0 / 3.0 * (z2 - 1.0) +
         z * (z2 - 7.0) / (9.0 * std::sqrt(2.0) * root) -
         (6.0 * z2 * z2 + 14.0 * z2 - 32.0) / (405.0 * degrees) +
         z * (9.0 * z2 * z2 + 256.0 * z2 - 433.0) / (4860.0 * std::sqrt(2.0) * degrees * root);
}

// The quantile of the gamma distribution of scale 1: Newton's method, with bisection if a step
// leaves the known interval.
double UnitGammaQuantile(double shape, double probability) {
  double low = 0.0;
  double high = shape + 1.0;
  while (Eigen::numext::igammac(shape, high) > 1.0 - probability) {
    low = high;
    high *= 2.0;
  }
  double x = std::clamp(ExpandedQuantile(2.0 * shape, probability) / 2.0, low, high);
  if (!(x > low && x < high)) x = (low + high) / 2.0;
  for (int step = 0; step < kMaxQuantileSteps; ++step) {
    // Uses the smaller tail, which keeps more digits.
    const double beyond = probability > 0.5 ? 1.0 - probability - Eigen::numext::igammac(shape, x)
                                            : Eigen::numext::igamma(shape, x) - probability;
    (beyond > 0.0 ? high : low) = x;
    const double density = std::exp((shape - 1.0) * std::log(x) - x - Eigen::numext::lgamma(shape));
    double next = x - beyond / density;
    if (!(next > low && next < high)) next = (low + high) / 2.0;
    const bool is_there = std::abs(next - x) <= 1e-14 * x;
    x = next;
    if (is_there) break;
  }
  return x;
}

}  // namespace

double ChiSquareQuantile(double degrees, double probability) {
  if (degrees > kManyDegrees) return ExpandedQuantile(degrees, probability);
  return 2.0 * UnitGammaQuantile(degrees / 2.0, probability);
}

double GammaQuantile(double shape, double scale, double probability) {
  return scale / 2.0 * ChiSquareQuantile(2.0 * shape, probability);
}

}  // namespace mlp
