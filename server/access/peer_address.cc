#include "server/access/peer_address.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace mlp {

std::string AddressOfPeer(absl::string_view peer) {
  if (absl::ConsumePrefix(&peer, "ipv4:")) return std::string(peer);
  if (!absl::ConsumePrefix(&peer, "ipv6:")) return std::string(peer);
  // gRPC 1.51 writes the brackets, and the % of a link-local address's zone, as in a URI.
  return absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
}

}  // namespace mlp
