// mlp-server as a function: loads models, serves them until SIGTERM or SIGINT, and drains.

#ifndef MLP_SERVER_PROGRAM_H_
#define MLP_SERVER_PROGRAM_H_

namespace mlp {

// Returns the exit code of the process. Sets process-wide state: signal handling, the logging of
// gRPC and protobuf, the limit on file descriptors. Call it once, before any thread starts.
int RunServer(int argc, const char* const* argv);

}  // namespace mlp

#endif  // MLP_SERVER_PROGRAM_H_
