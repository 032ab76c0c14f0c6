// The defaults of those options that follow from the machine or container.

#ifndef MLP_SERVER_DEFAULT_OPTIONS_H_
#define MLP_SERVER_DEFAULT_OPTIONS_H_

#include <cstdint>

#include "server/options.h"

namespace mlp {

// The most that --max-open-streams takes, and is by default.
inline constexpr std::int64_t kMostOpenStreams = 1'000'000;

// What ParseOptions begins with: threads, bytes, streams and connections follow from `machine`.
ServerOptions DefaultOptions(const Machine& machine);

// The default of --max-connections: fewer with TLS, as each takes four times the memory.
int DefaultConnections(const Machine& machine, bool tls);

}  // namespace mlp

#endif  // MLP_SERVER_DEFAULT_OPTIONS_H_
