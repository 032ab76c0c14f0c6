// What gRPC reads from the environment of the process.

#ifndef MLP_SERVER_GRPC_ENVIRONMENT_H_
#define MLP_SERVER_GRPC_ENVIRONMENT_H_

namespace mlp {

// Silences gRPC's own log and removes the variables that would change what TLS takes. For the
// start, while there is one thread.
void SetUpGrpc();

}  // namespace mlp

#endif  // MLP_SERVER_GRPC_ENVIRONMENT_H_
