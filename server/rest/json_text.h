// Writes strings and numbers in JSON.

#ifndef MLP_SERVER_REST_JSON_TEXT_H_
#define MLP_SERVER_REST_JSON_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// Appends `text` in double quotes. Each byte that is not UTF-8 becomes U+FFFD.
void AppendJsonText(absl::string_view text, std::string& json);

// Append a number in the fewest digits that distinguish it from all others of its type. A number
// that is not finite becomes null, because JSON has no form for it.
void AppendJsonNumber(float number, std::string& json);
void AppendJsonNumber(double number, std::string& json);

void AppendJsonNumber(std::int64_t number, std::string& json);
void AppendJsonNumber(std::uint64_t number, std::string& json);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_TEXT_H_
