// The classes of a classifier that have their own series.

#ifndef MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_
#define MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace mlp {

inline constexpr std::size_t kMaxShownClasses = 32;

// The label of all classes without their own series.
inline constexpr char kOtherClasses[] = "other";

struct ShownClass {
  std::int64_t index = 0;
  std::string name;
};

// At most kMaxShownClasses of the `classes` classes, sorted by index: those with the greatest
// `shares`, or the first ones if `shares` is empty. Names are from `names`, or the index where
// there is no name. All names differ.
std::vector<ShownClass> ChooseShownClasses(std::int64_t classes,
                                           absl::Span<const std::string> names,
                                           absl::Span<const double> shares);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_
