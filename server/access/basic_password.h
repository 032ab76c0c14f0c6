// Passwords in a request's headers, as browsers send them (RFC 7617).

#ifndef MLP_SERVER_ACCESS_BASIC_PASSWORD_H_
#define MLP_SERVER_ACCESS_BASIC_PASSWORD_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// The password in "Basic <base64 of user:password>", for any user name; nullopt if `value` does not
// have this form. Thread-safe.
std::optional<std::string> BasicPassword(absl::string_view value);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_BASIC_PASSWORD_H_
