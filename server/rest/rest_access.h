// Who may make which call over HTTP: as over gRPC, by the Authorization header.

#ifndef MLP_SERVER_REST_REST_ACCESS_H_
#define MLP_SERVER_REST_REST_ACCESS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/call_gate.h"
#include "server/rest/rest_path.h"

namespace mlp {

// The role that the call takes.
Role RoleOf(RestCall call);

// Why the caller, who shows `credentials` and calls from `from`, may not make the call; OK where it
// may, with a pass where it was asked or the call is to be written down. Thread-safe.
absl::Status AdmitRestCall(CallGate& gate, const RestPath& path, const Credentials& credentials,
                           absl::string_view from, std::optional<CallPass>& pass);

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_ACCESS_H_
