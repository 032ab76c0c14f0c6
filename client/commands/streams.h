// The streams and exit codes of a command.

#ifndef MLP_CLIENT_COMMANDS_STREAMS_H_
#define MLP_CLIENT_COMMANDS_STREAMS_H_

#include <istream>
#include <ostream>

namespace mlp {

// Standard input, output and error, or a test's streams.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// The process's exit codes.
inline constexpr int kExitDone = 0;
inline constexpr int kExitNotServing = 1;
inline constexpr int kExitError = 2;

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_STREAMS_H_
