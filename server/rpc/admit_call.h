// Asks whether the caller of a gRPC call may make it, by what came with the call before its
// request.

#ifndef MLP_SERVER_RPC_ADMIT_CALL_H_
#define MLP_SERVER_RPC_ADMIT_CALL_H_

#include <grpcpp/server_context.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/access/call_gate.h"

namespace mlp {

// As CallGate::Admit, with RESOURCE_EXHAUSTED where there is no memory to look. A call that has
// local credentials came by the admin address, which alone has them. `call` must outlive the pass.
absl::StatusOr<CallPass> AdmitCall(CallGate& gate, const grpc::ServerContext& context, Role needed,
                                   absl::string_view call);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_ADMIT_CALL_H_
