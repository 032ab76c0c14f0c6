// An activation's curve as an SVG.

#ifndef MLP_CLIENT_PLOT_SVG_PLOT_H_
#define MLP_CLIENT_PLOT_SVG_PLOT_H_

#include <string>

#include "client/plot/activation_curve.h"

namespace mlp {

// A picture of 720 by 400 with f and f', the axes, and the tails shaded. It needs nothing from
// outside, and shows on light and on dark pages.
std::string SvgPlot(const ActivationCurve& curve);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_SVG_PLOT_H_
