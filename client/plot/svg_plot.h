// Plots an activation's curve as an SVG.

#ifndef MLP_CLIENT_PLOT_SVG_PLOT_H_
#define MLP_CLIENT_PLOT_SVG_PLOT_H_

#include <string>

#include "client/plot/activation_curve.h"

namespace mlp {

// A picture of 720 by 400 with f and f', the axes, and shaded tails. It is self-contained and
// readable on light and dark pages.
std::string SvgPlot(const ActivationCurve& curve);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_SVG_PLOT_H_
