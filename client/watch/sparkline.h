// Small pictures of numbers, made of block characters.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_WATCH_SPARKLINE_H_
#define MLP_CLIENT_WATCH_SPARKLINE_H_

#include <cstddef>
#include <string>

#include "absl/types/span.h"

namespace mlp {

// One of ▁▂▃▄▅▆▇█ for each column, from 0 to the greatest value or to `top`, whichever is more. A
// column of several values shows the greatest. What is not known (NaN) is a space. At most
// `columns` columns, 1 or more.
std::string Sparkline(absl::Span<const double> values, std::size_t columns, double top = 0.0);

// A bar from 0 to `top`, in eighths of a column and filled up with spaces. Values beyond `top` fill
// it. Spaces for a NaN.
std::string Bar(double value, double top, std::size_t columns);

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_SPARKLINE_H_
