// How large the requests of a gRPC server may be, and what else its clients may take.

#ifndef MLP_SERVER_RPC_SERVER_LIMITS_H_
#define MLP_SERVER_RPC_SERVER_LIMITS_H_

#include <grpcpp/server_builder.h>

#include <cstdint>

#include "server/rpc/connection_limits.h"
#include "server/served_models/model_table.h"

namespace mlp {

// The limit on a message's bytes: the given one, or what the largest request takes.
std::int64_t MessageBytes(const ConnectionLimits& limits, const ModelTable& models);

// Sets all other limits.
void SetLimits(const ConnectionLimits& limits, grpc::ServerBuilder& builder);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_SERVER_LIMITS_H_
