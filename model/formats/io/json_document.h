// Parses untrusted JSON within limits.

#ifndef MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_
#define MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// A value takes up to some 160 bytes of memory, however short its text is. `values` therefore
// limits the memory that a text can cost.
struct JsonLimits {
  std::size_t bytes = 0;
  std::size_t depth = 0;  // of nested arrays and objects
  std::size_t values = 0;
};

// Parses `text`, UTF-8 without a byte order mark. INVALID_ARGUMENT if it is not JSON, exceeds a
// limit, or has an object with a duplicate key (nlohmann's parser would take the last value). The
// message gives the place as a byte position or a JSON pointer; `what` is the text's name in the
// message. Thread-safe.
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view what, absl::string_view text,
                                         const JsonLimits& limits);

// `pointer` followed by `key`, escaped as in RFC 6901.
std::string JsonPointer(absl::string_view pointer, absl::string_view key);

// `pointer` as shown in messages: quoted, or "the document" for the whole document.
std::string PlaceText(absl::string_view pointer);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_
