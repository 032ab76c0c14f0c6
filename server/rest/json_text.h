// Writes texts and numbers of JSON.

#ifndef MLP_SERVER_REST_JSON_TEXT_H_
#define MLP_SERVER_REST_JSON_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// Appends `text` in double quotes. Bytes that are no UTF-8 become U+FFFD, one for each.
void AppendJsonText(absl::string_view text, std::string& json);

// Append a number in as few digits as tell it from every other of its type; null for one that is
// not finite, which JSON has no form for.
void AppendJsonNumber(float number, std::string& json);
void AppendJsonNumber(double number, std::string& json);

void AppendJsonNumber(std::int64_t number, std::string& json);
void AppendJsonNumber(std::uint64_t number, std::string& json);

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_TEXT_H_
