// Decides who may make which call over HTTP: as over gRPC, by the Authorization header.

#ifndef MLP_SERVER_REST_REST_ACCESS_H_
#define MLP_SERVER_REST_REST_ACCESS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/call_gate.h"
#include "server/rest/rest_path.h"

namespace mlp {

// The role that the call requires.
Role RoleOf(RestCall call);

// OK if the caller at the address `from` may make the call with `credentials`; otherwise, why not.
// Sets `pass` if the call had to be admitted: because callers are asked, or for the audit.
// Thread-safe.
absl::Status AdmitRestCall(CallGate& gate, const RestPath& path, const Credentials& credentials,
                           absl::string_view from, std::optional<CallPass>& pass);

}  // namespace mlp

#endif  // MLP_SERVER_REST_REST_ACCESS_H_
