// Formats the figures of `mlp-client watch`. "-" means unknown.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_WATCH_FIGURES_H_
#define MLP_CLIENT_WATCH_FIGURES_H_

#include <string>

#include "client/watch/status_view.h"
#include "client/watch/styled_text.h"

namespace mlp {

// "0.42", "17", "1,204".
std::string TerminalRate(double per_second);

// "410 us", "1.9 ms", "2.5 s".
std::string TerminalSeconds(double seconds);

// "3.1 %", "41 %".
std::string TerminalShare(double share);

// "0.57", "11.9", "340".
std::string TerminalRatio(double ratio);

// "0.98", or "12" for counts.
std::string TerminalValue(double value);

// The value, with its reference, if any, in parentheses: "41 % (3.1 %)". `text` is one of the
// functions above.
std::string BesideReference(const FigureView& figure, std::string (*text)(double));

// The style of a drift ratio; above 1 is drift.
TextStyle DriftStyle(double ratio);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_FIGURES_H_
