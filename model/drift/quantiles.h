// Quantiles of the distributions that give drift's levels.

#ifndef MLP_MODEL_DRIFT_QUANTILES_H_
#define MLP_MODEL_DRIFT_QUANTILES_H_

namespace mlp {

// The share of windows without drift that are below the level.
inline constexpr double kDriftQuantile = 0.999;

// The `probability` quantile, in (0, 1), of the chi-square distribution with `degrees` > 0 degrees
// of freedom, not necessarily an integer. Relative error at most 1e-9 for degrees of at least 0.1
// and probabilities of 0.01 to 0.9999. Thread-safe.
double ChiSquareQuantile(double degrees, double probability);

// The same for the gamma distribution with mean `shape` times `scale`.
double GammaQuantile(double shape, double scale, double probability);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_QUANTILES_H_
