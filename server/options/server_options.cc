#include "server/options/server_options.h"

namespace mlp {

std::int64_t LongestStopSeconds(const ServerOptions& options) {
  return (options.shutdown_delay_ms + 999) / 1000 + options.drain_seconds + kEndSeconds;
}

}  // namespace mlp
