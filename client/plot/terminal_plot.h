// An activation's curve drawn with characters.

#ifndef MLP_CLIENT_PLOT_TERMINAL_PLOT_H_
#define MLP_CLIENT_PLOT_TERMINAL_PLOT_H_

#include <string>

#include "client/plot/activation_curve.h"

namespace mlp {

// The columns that the curve itself takes; sample a curve at twice as many points.
inline constexpr int kTerminalPlotColumns = 64;

// Lines of UTF-8, at most 80 columns wide, each ended by \n: the title, the curve in Braille dots,
// its derivative in full stops, the axes, and which part of the horizontal axis the tails are.
std::string TerminalPlot(const ActivationCurve& curve);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_TERMINAL_PLOT_H_
