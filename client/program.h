// mlp-client as a function: parses the command line, runs the command, reports its error.

#ifndef MLP_CLIENT_PROGRAM_H_
#define MLP_CLIENT_PROGRAM_H_

#include "client/commands/connection.h"

namespace mlp {

// Returns what the process ends with: kExitDone, kExitNotServing (from `health` alone) or
// kExitError, after one line on `streams.err` that begins "mlp-client: ".
int RunProgram(int argc, const char* const* argv, Streams streams);

// The same on the process' own streams, and where memory is out.
int RunClient(int argc, const char* const* argv);

}  // namespace mlp

#endif  // MLP_CLIENT_PROGRAM_H_
