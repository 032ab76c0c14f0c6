// simdjson, as this folder uses it: no exceptions, and the same checks in every build.

#ifndef MLP_SERVER_REST_JSON_PARSER_H_
#define MLP_SERVER_REST_JSON_PARSER_H_

#define SIMDJSON_DEVELOPMENT_CHECKS 0
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The status for `error` in the request's body.
inline absl::Status JsonError(simdjson::error_code error) {
  if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY) {
    return absl::ResourceExhaustedError("the server has too little memory for the request");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the request's body cannot be read as JSON: ", simdjson::error_message(error)));
}

// Whether nothing follows what was read.
inline bool IsAtEnd(simdjson::ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// The text of a number or literal, or the bracket that opens a container, for messages.
inline absl::string_view TokenOf(simdjson::ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return {token.data(), token.size()};
}

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_PARSER_H_
