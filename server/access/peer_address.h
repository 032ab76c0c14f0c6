// A client's address in the form that all lines of the log have.

#ifndef MLP_SERVER_ACCESS_PEER_ADDRESS_H_
#define MLP_SERVER_ACCESS_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// `peer`, as gRPC writes it ("ipv4:10.0.0.5:4711", "ipv6:%5B::1%5D:4711"), as HTTP and REST write
// it: "10.0.0.5:4711", "[::1]:4711". Other texts, such as "unix:", stay as they are. Thread-safe.
std::string AddressOfPeer(absl::string_view peer);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_PEER_ADDRESS_H_
