// Reads the members of JSON objects in a request's body.

#ifndef MLP_SERVER_REST_JSON_MEMBERS_H_
#define MLP_SERVER_REST_JSON_MEMBERS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/rest/json_parser.h"

namespace mlp {

// A member, as the parser's loop over an object yields it.
using JsonField = simdjson::simdjson_result<simdjson::ondemand::field>;

// Reads the key and the value of `field`. The parser owns the bytes of `key`. INVALID_ARGUMENT or
// RESOURCE_EXHAUSTED, as JsonError, if they cannot be read.
absl::Status ReadJsonMember(JsonField& field, std::string_view& key,
                            simdjson::ondemand::value& value);

// Reads the string `value` of the member called `member` into `text`. WrongJsonMember if it is not
// a string. `what`: what has the member, for messages.
absl::Status ReadJsonString(absl::string_view what, absl::string_view member,
                            simdjson::ondemand::value& value, std::string& text);

// INVALID_ARGUMENT: `member` of `what` is not `expected`.
absl::Status WrongJsonMember(absl::string_view what, absl::string_view member,
                             absl::string_view expected);

// Tells the known members of one object apart. Each may appear once.
class JsonMembers final {
 public:
  // `names`: of the known members, at most 32; `what`: the object, for messages. Both must outlive
  // this object.
  JsonMembers(absl::string_view what, absl::Span<const absl::string_view> names)
      : what_(what), names_(names) {}

  // Reads the next member's value. Returns the index of its name in `names`, or the size of `names`
  // if the member is unknown or null. INVALID_ARGUMENT if it has appeared before; otherwise errors
  // as ReadJsonMember.
  absl::StatusOr<std::size_t> Next(JsonField& field, simdjson::ondemand::value& value);

  // Whether the member with the index `at` has appeared.
  bool has(std::size_t at) const { return (seen_ & 1U << at) != 0; }

 private:
  const absl::string_view what_;
  const absl::Span<const absl::string_view> names_;
  unsigned seen_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_JSON_MEMBERS_H_
