// Quotes untrusted text for messages.

#ifndef MLP_MODEL_QUOTE_H_
#define MLP_MODEL_QUOTE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// `text` in single quotes. Control characters and bytes beyond ASCII are escaped, and text beyond
// 64 bytes is cut short with "...". A message thus stays one short line whatever a client or a file
// sends.
std::string Quote(absl::string_view text);

// A shape as the protocol's users write it: "[-1,64]". Beyond 8 dimensions it is cut short.
std::string ShapeText(absl::Span<const std::int64_t> shape);

}  // namespace mlp

#endif  // MLP_MODEL_QUOTE_H_
