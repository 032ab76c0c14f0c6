// mlp-client as a function: parses the command line, runs the command, reports errors.

#ifndef MLP_CLIENT_PROGRAM_H_
#define MLP_CLIENT_PROGRAM_H_

#include "client/commands/connection.h"

namespace mlp {

// Returns the process's exit code: kExitDone, kExitNotServing (only from `health`) or, after one
// line on `streams.err` that starts with "mlp-client: ", kExitError.
int RunProgram(int argc, const char* const* argv, Streams streams);

// The same on the process's own streams. Also handles running out of memory.
int RunClient(int argc, const char* const* argv);

}  // namespace mlp

#endif  // MLP_CLIENT_PROGRAM_H_
