// Quantiles of the distributions that drift's levels come from.

#ifndef MLP_MODEL_DRIFT_QUANTILES_H_
#define MLP_MODEL_DRIFT_QUANTILES_H_

namespace mlp {

// The share of all windows without drift that a level leaves below it.
inline constexpr double kDriftQuantile = 0.999;

// The `probability` quantile, in (0, 1), of the chi-square distribution with any `degrees` > 0 of
// freedom, whole or not. To 1e-9 of itself for degrees of 0.1 and more and probabilities of 0.01 to
// 0.9999. Thread-safe.
double ChiSquareQuantile(double degrees, double probability);

// The same of the gamma distribution, whose mean is `shape` times `scale`.
double GammaQuantile(double shape, double scale, double probability);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_QUANTILES_H_
