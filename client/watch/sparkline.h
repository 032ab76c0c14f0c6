// Small charts made of block characters.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_WATCH_SPARKLINE_H_
#define MLP_CLIENT_WATCH_SPARKLINE_H_

#include <cstddef>
#include <string>

#include "absl/types/span.h"

namespace mlp {

// One of ▁▂▃▄▅▆▇█ per column, on a scale from 0 to the greatest value or `top`, whichever is
// greater. A column that covers several values shows the greatest. Unknown values (NaN) are spaces.
// At most `columns` >= 1 columns.
std::string Sparkline(absl::Span<const double> values, std::size_t columns, double top = 0.0);

// A bar from 0 to `top`, in eighths of a column, padded with spaces. Values beyond `top` fill it;
// NaN leaves it blank.
std::string Bar(double value, double top, std::size_t columns);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_SPARKLINE_H_
