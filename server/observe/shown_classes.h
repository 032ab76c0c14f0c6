// The classes of a classifier that have a series of their own.

#ifndef MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_
#define MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace mlp {

inline constexpr std::size_t kMostShownClasses = 32;

// The label of all classes without a series of their own.
inline constexpr char kOtherClasses[] = "other";

struct ShownClass {
  std::int64_t index = 0;
  std::string name;
};

// At most kMostShownClasses of `classes` classes, by index: those with the greatest `shares`, or
// without these the first ones. Named by `names`, which may be fewer or none, or else by the index;
// no two have the same name.
std::vector<ShownClass> ChooseShownClasses(std::int64_t classes,
                                           absl::Span<const std::string> names,
                                           absl::Span<const double> shares);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_SHOWN_CLASSES_H_
