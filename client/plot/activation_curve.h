// Samples an activation and its derivative for drawing.

#ifndef MLP_CLIENT_PLOT_ACTIVATION_CURVE_H_
#define MLP_CLIENT_PLOT_ACTIVATION_CURVE_H_

#include <string>
#include <vector>

#include "model/activations/activation.h"

namespace mlp {

// One of the two lines: f or f'. If the line jumps, `jumps` is true for the sample after the jump,
// so that the jump is not drawn as a steep line.
struct SampledLine {
  std::vector<double> values;  // one per z
  std::vector<bool> jumps;     // one per z
};

struct ActivationCurve {
  std::string title;  // "leaky_relu, alpha = 0.2"
  std::string formula;
  std::vector<double> z;  // ascending, evenly spaced
  SampledLine value;      // f(z)
  SampledLine slope;      // f'(z)
  Tails tails;            // NaN if there is none
  // The range of the vertical axis: it contains 0, and all samples clamped to [-8, 8].
  double lowest;
  double highest;
};

// Samples `activation` at `samples` >= 2 points from -8 to 8. `activation` must be element-wise and
// valid for one unit (CheckActivation). Tails are for `epsilon`, in (0, 1).
ActivationCurve SampleCurve(const Activation& activation, double epsilon, int samples);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_ACTIVATION_CURVE_H_
