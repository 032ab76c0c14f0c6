// What clients may do on their connections.

#include <limits>

#include "server/options/default_options.h"
#include "server/options/option_table.h"

namespace mlp {
namespace {

constexpr std::int64_t kMaxGrpcBufferBytes = std::int64_t{1} << 40;
constexpr std::int64_t kMillion = 1'000'000;  // of connections, calls or seconds

}  // namespace

std::vector<Option> ConnectionRows(ConnectionLimits& limits) {
  return {
      {"max-message-bytes",
       IntegerOrZero(limits.message_bytes, 1024, std::numeric_limits<std::int32_t>::max()),
       "Longest request; 0: the longest that any model takes at the start, and at least 16 MiB if "
       "models may be loaded later, 64 MiB if clients may send them"},
      {"max-grpc-memory-bytes",
       FromMachine(IntegerOrZero(limits.memory_bytes, 1 << 20, kMaxGrpcBufferBytes)),
       "Most memory of gRPC's buffers; 0: no limit"},
      {kConnectionsOption, FromMachine(IntegerValue(limits.connections, 0, kMillion)),
       "Most open connections; 0: limited only by file descriptors. With TLS, each takes four "
       "times "
       "the memory, so the default is a quarter of the one here"},
      {"max-connections-per-address", IntegerValue(limits.connections_of_an_address, 0, kMillion),
       "Most open connections from one IPv4 address or IPv6 /64 network; 0: no limit"},
      {"max-streams", IntegerValue(limits.streams, 1, kMillion),
       "Most concurrent calls on a connection"},
      {"max-open-streams", FromMachine(IntegerValue(limits.open_streams, 0, kMaxOpenStreams)),
       "Most concurrent ModelStreamInfer calls over all connections; one connection may have a "
       "quarter of what the others leave, and always one; 0: no limit"},
      {"max-metadata-bytes", FromMachine(IntegerValue(limits.metadata_bytes, 1024, 1 << 20)),
       "Most bytes of a call's headers"},
      {"handshake-ms", IntegerValue(limits.handshake_ms, 1, 3'600'000),
       "Time for a new connection to complete its HTTP/2 handshake"},
      {"max-connection-idle-seconds", IntegerValue(limits.idle_seconds, 0, kMillion),
       "Close a connection without calls after this; 0: never"},
      {"max-connection-age-seconds", IntegerValue(limits.age_seconds, 0, kMillion),
       "Send GOAWAY on a connection after this; 0: never"},
      {"max-connection-age-grace-seconds", IntegerValue(limits.age_grace_seconds, 1, kMillion),
       "Time for calls to finish after GOAWAY"},
      {"keepalive-seconds", IntegerValue(limits.keepalive_seconds, 0, kMillion),
       "Ping a silent client after this; 0: gRPC's default of two hours"},
      {"keepalive-timeout-seconds", IntegerValue(limits.keepalive_timeout_seconds, 1, kMillion),
       "Close the connection if a ping is not answered within this"},
      {"min-ping-interval-seconds", IntegerValue(limits.least_ping_interval_seconds, 1, kMillion),
       "Disconnect a client that pings more often than this without calls"},
  };
}

}  // namespace mlp
