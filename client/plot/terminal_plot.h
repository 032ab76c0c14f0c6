// Plots an activation's curve with characters.

#ifndef MLP_CLIENT_PLOT_TERMINAL_PLOT_H_
#define MLP_CLIENT_PLOT_TERMINAL_PLOT_H_

#include <string>

#include "client/plot/activation_curve.h"

namespace mlp {

// The columns of the curve itself. Sample the curve at twice as many points.
inline constexpr int kTerminalPlotColumns = 64;

// Lines of UTF-8, at most 80 columns wide, each ended by \n: the title, the curve in Braille dots,
// its derivative in full stops, the axes, and the tails' parts of the horizontal axis.
std::string TerminalPlot(const ActivationCurve& curve);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_TERMINAL_PLOT_H_
