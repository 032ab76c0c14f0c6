// What libraries read from the environment of the process.

#ifndef MLP_SERVER_LIBRARY_ENVIRONMENT_H_
#define MLP_SERVER_LIBRARY_ENVIRONMENT_H_

namespace mlp {

// Silences gRPC's own log, and removes the variables that change what TLS accepts or that write its
// keys to a file. For the start, while there is one thread.
void CleanLibraryEnvironment();

}  // namespace mlp

#endif  // MLP_SERVER_LIBRARY_ENVIRONMENT_H_
