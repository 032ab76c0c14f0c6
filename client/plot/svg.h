// Building blocks of the SVG pictures. Coordinates are in pixels from the picture's upper left
// corner. Every function is thread-safe.

#ifndef MLP_CLIENT_PLOT_SVG_H_
#define MLP_CLIENT_PLOT_SVG_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The whole picture: `content` on white, so that it is readable on light and dark pages, with a
// title for screen readers.
std::string SvgPicture(double width, double height, absl::string_view title,
                       absl::string_view content);

// `text`, escaped, with its baseline at `y`. `attributes` must start with a space or be empty.
std::string SvgText(double x, double y, absl::string_view attributes, absl::string_view text);

// A thin straight line.
std::string SvgRule(double x1, double y1, double x2, double y2, absl::string_view colour);

// A line along `path`, in SVG path syntax.
std::string SvgPath(absl::string_view path, absl::string_view colour, absl::string_view attributes);

// A step of 1, 2 or 5 times a power of ten that divides `length` > 0 into at most ten parts.
double TickStep(double length);

}  // namespace mlp

#endif  // MLP_CLIENT_PLOT_SVG_H_
