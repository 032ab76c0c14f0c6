// Defaults of the options that depend on the machine or container.

#ifndef MLP_SERVER_DEFAULT_OPTIONS_H_
#define MLP_SERVER_DEFAULT_OPTIONS_H_

#include <cstdint>

#include "server/options.h"

namespace mlp {

// The largest value of --max-open-streams, and the upper bound of its default.
inline constexpr std::int64_t kMostOpenStreams = 1'000'000;

// The defaults that ParseOptions starts from. Threads, bytes, streams and connections depend on
// `machine`.
ServerOptions DefaultOptions(const Machine& machine);

// The default of --max-connections: fewer with TLS, as each takes four times the memory.
int DefaultConnections(const Machine& machine, bool tls);

}  // namespace mlp

#endif  // MLP_SERVER_DEFAULT_OPTIONS_H_
