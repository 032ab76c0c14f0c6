#include "server/options/address.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(AddressTest, RecognisesAddressesThatOtherMachinesReach) {
  for (const char* local : {"127.0.0.1:1", "127.8.9.10:1", "localhost:1", "[::1]:1", "unix:/a"}) {
    EXPECT_TRUE(IsLocalAddress(local)) << local;
  }
  for (const char* other : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.com:1",
                            "localhost.example.com:1", "1127.0.0.1:1"}) {
    EXPECT_FALSE(IsLocalAddress(other)) << other;
  }
}

TEST(AddressTest, AcceptsASocketsPathAsAnAddress) {
  EXPECT_EQ(CheckGrpcAddress("unix:/run/mlp.sock"), "");
  EXPECT_EQ(CheckGrpcAddress("0.0.0.0:8001"), "");
  for (const char* wrong : {"unix:", "unix:mlp.sock", "unix", "8001", "unix:@mlp",
                            "unix-abstract:mlp", "unix:./mlp.sock", "unix: /run/mlp.sock"}) {
    EXPECT_NE(CheckGrpcAddress(wrong), "") << wrong;
  }
}

}  // namespace
}  // namespace mlp
