// Limits on the gRPC server's connections.

#ifndef MLP_SERVER_RPC_CONNECTION_LIMITS_H_
#define MLP_SERVER_RPC_CONNECTION_LIMITS_H_

#include <cstdint>

namespace mlp {

// What one client, or all of them together, may ask of the server. 0 leaves a limit to gRPC, unless
// noted otherwise.
struct ConnectionLimits {
  std::int64_t message_bytes = 0;        // 0: the largest request that a model takes
  std::int64_t least_message_bytes = 0;  // lower bound for that, if models may come later
  std::int64_t memory_bytes = 0;         // of gRPC's buffers, over all connections
  int connections = 0;                   // open at the same time; 0: as many as descriptors
  int connections_of_an_address = 0;     // open at the same time; 0: no limit
  int streams = 1024;                    // concurrent calls on a connection
  int open_streams = 0;                  // ModelStreamInfer, over all connections; 0: no limit
  int metadata_bytes = 16 << 10;         // of a call's headers
  int handshake_ms = 5'000;              // until a new connection has spoken HTTP/2
  int idle_seconds = 0;                  // a connection without calls is closed; 0: never
  int age_seconds = 0;                   // a connection is closed after this; 0: never
  int age_grace_seconds = 30;            // after that, for the calls under way
  int keepalive_seconds = 60;            // a silent client is asked whether it is still there
  int keepalive_timeout_seconds = 20;    // and counts as gone after this
  int least_ping_interval_seconds = 10;  // a client that pings more often is cut off
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_CONNECTION_LIMITS_H_
