// Recognises whole decimal numbers. SimpleAtoi alone also accepts signs and spaces.

#ifndef MLP_SERVER_DECIMAL_H_
#define MLP_SERVER_DECIMAL_H_

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Whether `text` is one or more digits.
inline bool IsDecimal(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace mlp

#endif  // MLP_SERVER_DECIMAL_H_
