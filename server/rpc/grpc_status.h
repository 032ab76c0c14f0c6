// From absl::Status to grpc::Status: the codes have the same numbers.

#ifndef MLP_SERVER_RPC_GRPC_STATUS_H_
#define MLP_SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace mlp {

inline grpc::Status ToGrpcStatus(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

}  // namespace mlp

#endif  // MLP_SERVER_RPC_GRPC_STATUS_H_
