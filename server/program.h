// mlp-server as a function: loads models, serves them until SIGTERM or SIGINT, and drains.

#ifndef MLP_SERVER_PROGRAM_H_
#define MLP_SERVER_PROGRAM_H_

namespace mlp {

// Returns what the process ends with. Sets what a process has once: the handling of its signals,
// gRPC's and protobuf's own logs, the limit of its descriptors. To be called once, before there is
// a thread.
int RunServer(int argc, const char* const* argv);

}  // namespace mlp

#endif  // MLP_SERVER_PROGRAM_H_
