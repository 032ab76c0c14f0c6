// Keeps what the process knows to itself. Internal to mlp-client.

#ifndef MLP_CLIENT_CORE_FILES_H_
#define MLP_CLIENT_CORE_FILES_H_

namespace mlp {

// From now on the process leaves no core file, and other processes of its user can neither trace it
// nor read its memory. Thread-safe.
void LeaveNoCoreFile();

}  // namespace mlp

#endif  // MLP_CLIENT_CORE_FILES_H_
