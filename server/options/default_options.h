// Defaults of the options that depend on the machine or container.

#ifndef MLP_SERVER_OPTIONS_DEFAULT_OPTIONS_H_
#define MLP_SERVER_OPTIONS_DEFAULT_OPTIONS_H_

#include <cstdint>

#include "server/options/server_options.h"

namespace mlp {

// What the process may use. Defaults depend on it.
struct Machine {
  int cpus = 1;
  std::int64_t memory_bytes = std::int64_t{4} << 30;
  std::int64_t descriptors = 0;  // that may be open at the same time; 0 if unknown
};

// The largest value of --max-open-streams, and the upper bound of its default.
inline constexpr std::int64_t kMaxOpenStreams = 1'000'000;

// The defaults that ParseOptions starts from. Threads, bytes, streams and connections depend on
// `machine`.
ServerOptions DefaultOptions(const Machine& machine);

// The default of --max-connections: fewer with TLS, as each takes four times the memory.
int DefaultConnections(const Machine& machine, bool tls);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_DEFAULT_OPTIONS_H_
