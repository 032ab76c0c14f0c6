// Writes a client's address in the form used in all lines of the log.

#ifndef MLP_SERVER_ACCESS_PEER_ADDRESS_H_
#define MLP_SERVER_ACCESS_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// Converts `peer` from gRPC's form ("ipv4:10.0.0.5:4711", "ipv6:%5B::1%5D:4711") to the form of
// HTTP and REST: "10.0.0.5:4711", "[::1]:4711". Returns other texts, such as "unix:", unchanged.
// Thread-safe.
std::string AddressOfPeer(absl::string_view peer);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_PEER_ADDRESS_H_
