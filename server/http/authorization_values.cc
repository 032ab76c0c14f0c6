#include "server/http/authorization_values.h"

#include <microhttpd.h>

#include "absl/strings/match.h"

namespace mlp {

AuthorizationValues::AuthorizationValues(MHD_Connection* connection) {
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* self, MHD_ValueKind /*kind*/, const char* name, const char* value) -> MHD_Result {
        auto& values = *static_cast<AuthorizationValues*>(self);
        if (value != nullptr && absl::EqualsIgnoreCase(name, MHD_HTTP_HEADER_AUTHORIZATION) &&
            values.count_ < values.values_.size()) {
          values.values_[values.count_++] = value;
        }
        return MHD_YES;
      },
      this);
}

}  // namespace mlp
