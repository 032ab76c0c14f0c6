// Draws a row of pixels and a bar chart of class scores in characters that every terminal has.
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

// The lines of a square picture, row-major, of at most 64 x 64 pixels: each two characters wide,
// the paler the smaller, from the smallest value (or 0, if that is less) to the largest; a NaN is
// "??". INVALID_ARGUMENT where the number of pixels is no square or too large.
absl::StatusOr<std::vector<std::string>> DrawPicture(absl::Span<const float> pixels);

// The lines of a bar chart, one for each class in order, or for the ten highest ones, highest
// first, of more than twenty. Scores that all lie in [0, 1] are drawn on that scale in per cent,
// others between their smallest and largest. The highest one and `label` (negative: not known) are
// marked. `scores` is not empty.
std::vector<std::string> DrawBars(absl::Span<const float> scores, std::int64_t label);

// Two blocks of lines beside one another, the lower one centred in height; each line ends with \n.
std::string Beside(const std::vector<std::string>& left, const std::vector<std::string>& right);

}  // namespace mlp

#endif  // MLP_CLIENT_PICTURE_H_
