// Parses JSON of strangers within bounds.

#ifndef MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_
#define MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// A value takes up to some 160 bytes of memory, however short its text is, so that `values` is the
// bound of what a text can cost.
struct JsonLimits {
  std::size_t bytes = 0;
  std::size_t depth = 0;  // of arrays and objects within each other
  std::size_t values = 0;
};

// Parses `text`, UTF-8 without a mark in front. INVALID_ARGUMENT where it is no JSON, beyond a
// limit, or has an object with the same key twice (of which nlohmann's own parser would take the
// last); the message names the place by byte or by JSON pointer. `what` is what the message calls
// the text. Thread-safe.
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view what, absl::string_view text,
                                         const JsonLimits& limits);

// `pointer` with `key` behind it, escaped as RFC 6901 says.
std::string JsonPointer(absl::string_view pointer, absl::string_view key);

// `pointer` as messages show it: quoted, and "the document" for the whole one.
std::string PlaceText(absl::string_view pointer);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_JSON_DOCUMENT_H_
