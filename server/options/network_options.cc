// Where the server listens.

#include "server/options/address.h"
#include "server/options/option_table.h"

namespace mlp {

std::vector<Option> NetworkRows(ServerOptions& options) {
  return {
      {"grpc-address", TextValue(options.grpc_address, "TEXT", CheckGrpcAddress),
       "host:port for gRPC; port 0 picks a free one; or unix: and a path"},
      {"http-address", TextValue(options.http_address, "TEXT", CheckAddress),
       "host:port for the status page, /live, /ready and /metrics"},
      {"rest-address", TextValue(options.rest_address, "TEXT", CheckAddress),
       "host:port for the protocol over HTTP and JSON; off if not set"},
  };
}

}  // namespace mlp
