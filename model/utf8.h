// Checks text for a protocol's string fields.

#ifndef MLP_MODEL_UTF8_H_
#define MLP_MODEL_UTF8_H_

#include "absl/strings/string_view.h"

namespace mlp {

// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF.
// Source: RFC 3629, section 4.
bool IsUtf8(absl::string_view text);

}  // namespace mlp

#endif  // MLP_MODEL_UTF8_H_
