// Decides whether the caller of a gRPC call may make it, from what arrived before its request.

#ifndef MLP_SERVER_RPC_ADMIT_CALL_H_
#define MLP_SERVER_RPC_ADMIT_CALL_H_

#include <grpcpp/server_context.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/access/call_gate.h"

namespace mlp {

// Like CallGate::Admit, and RESOURCE_EXHAUSTED if there is no memory for the check. A call with
// local credentials came through the admin address, the only one that has them. `call` and
// `context` must outlive the pass.
absl::StatusOr<CallPass> AdmitCall(CallGate& gate, const grpc::ServerContext& context, Role needed,
                                   absl::string_view call);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ADMIT_CALL_H_
