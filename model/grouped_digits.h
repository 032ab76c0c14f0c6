// Formats numbers for people.

#ifndef MLP_MODEL_GROUPED_DIGITS_H_
#define MLP_MODEL_GROUPED_DIGITS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {

// With a comma between thousands: 1,437.
inline std::string GroupedDigits(std::int64_t number) {
  std::string digits = absl::StrCat(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > sign + 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

}  // namespace mlp

#endif  // MLP_MODEL_GROUPED_DIGITS_H_
