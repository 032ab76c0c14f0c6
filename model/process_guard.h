// Keeps what the process knows to itself, and what it may do as little as it is. Used by both
// programs, each before it reads a secret.

#ifndef MLP_MODEL_PROCESS_GUARD_H_
#define MLP_MODEL_PROCESS_GUARD_H_

namespace mlp {

// From now on the process leaves no core file, and other processes of its user can neither trace it
// nor read its memory. It can still open what is below /proc/self. Thread-safe, and so the
// following.
void LeaveNoCoreFile();

// From now on no program that the process runs has more rights than the process.
void GainNoPrivileges();

}  // namespace mlp

#endif  // MLP_MODEL_PROCESS_GUARD_H_
