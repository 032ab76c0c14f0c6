// Reads the values of a request's Authorization header from the HTTP library.

#ifndef MLP_SERVER_HTTP_AUTHORIZATION_VALUES_H_
#define MLP_SERVER_HTTP_AUTHORIZATION_VALUES_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

struct MHD_Connection;

namespace mlp {

// Valid as long as the request. Keeps only the first two values, because more than one is refused.
class AuthorizationValues final {
 public:
  explicit AuthorizationValues(MHD_Connection* connection);

  absl::Span<const absl::string_view> get() const {
    return absl::MakeConstSpan(values_).first(count_);
  }

 private:
  std::array<absl::string_view, 2> values_;
  std::size_t count_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_AUTHORIZATION_VALUES_H_
