// Converts absl::Status to grpc::Status; the codes have the same numbers.

#ifndef MLP_SERVER_RPC_GRPC_STATUS_H_
#define MLP_SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <new>
#include <string>

#include "absl/status/status.h"

namespace mlp {

// If there is no memory for the message, returns the code alone.
inline grpc::Status ToGrpcStatus(const absl::Status& status) {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  try {
    return grpc::Status(code, std::string(status.message()));
  } catch (const std::bad_alloc&) {
    return grpc::Status(code, "");
  }
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_GRPC_STATUS_H_
