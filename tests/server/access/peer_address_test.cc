#include "server/access/peer_address.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(PeerAddressTest, IsWrittenAsInHttp) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.5:4711"), "10.0.0.5:4711");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B::1%5D:4711"), "[::1]:4711");
  EXPECT_EQ(AddressOfPeer("ipv6:[::1]:4711"), "[::1]:4711");
  EXPECT_EQ(AddressOfPeer("ipv6:%5Bfe80::1%252%5D:4711"), "[fe80::1%2]:4711");
}

TEST(PeerAddressTest, LeavesOtherAddressesUnchanged) {
  for (const char* other : {"", "unix:", "unix:/tmp/a%5B", "10.0.0.5:4711", "uid:0,pid:1"}) {
    EXPECT_EQ(AddressOfPeer(other), other);
  }
}

}  // namespace
}  // namespace mlp
