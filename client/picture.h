// Draws a row of pixels and a bar chart of class scores with characters that every terminal has.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_PICTURE_H_
#define MLP_CLIENT_PICTURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace mlp {

// The lines of a square picture, row-major, of at most 64 x 64 pixels. Each pixel is two characters
// wide, and paler if smaller, from the smallest value (or 0, if that is less) to the largest. A NaN
// is "??". INVALID_ARGUMENT if the number of pixels is not a square or is too large.
absl::StatusOr<std::vector<std::string>> DrawPicture(absl::Span<const float> pixels);

// The lines of a bar chart: one per class in order or, if there are more than twenty, the ten
// highest, highest first. Scores that all lie in [0, 1] are drawn on that scale in per cent, others
// between their smallest and largest. The highest one and `label` (negative if unknown) are marked.
// `scores` must not be empty.
std::vector<std::string> DrawBars(absl::Span<const float> scores, std::int64_t label);

// Two blocks of lines side by side, with the lower one vertically centred. Each line ends with \n.
std::string SideBySide(const std::vector<std::string>& left, const std::vector<std::string>& right);

}  // namespace mlp

#endif  // MLP_CLIENT_PICTURE_H_
