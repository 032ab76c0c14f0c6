#include "client/server_address.h"

#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

TEST(ServerAddressTest, AcceptsValidAddresses) {
  for (const char* address :
       {"127.0.0.1:8001", "localhost:1", "a.example:65535", "[::1]:8001", "[fe80::1%25]:80",
        "dns:53", "unix:/run/mlp.sock", "unix:///run/mlp.sock", "dns:///a.example:80",
        "ipv4:127.0.0.1:80", "ipv6:[::1]:80"}) {
    EXPECT_TRUE(CheckServerAddress(address).ok()) << address;
  }
}

TEST(ServerAddressTest, RefusesInvalidAddressesAndQuotesThem) {
  for (const char* address :
       {"", ":", ":80", "localhost", "localhost:", "localhost:0", "localhost:65536",
        "localhost:+80", "localhost:80x", "http://localhost:80", "::1", "::1:80", "[::1]", "[]:80",
        "[x]:80", "a b:80", "unix:", "host:99999999999999999999"}) {
    const absl::Status status = CheckServerAddress(address);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_NE(std::string(status.message()).find(std::string("'") + address + "'"),
              std::string::npos);
  }
}

TEST(ServerAddressTest, RecognisesLoopbackAddresses) {
  EXPECT_TRUE(IsLoopback("127.0.0.1:1"));
  EXPECT_TRUE(IsLoopback("localhost:1"));
  EXPECT_TRUE(IsLoopback("[::1]:1"));
  EXPECT_TRUE(IsLoopback("ipv4:127.1.2.3:1"));
  EXPECT_TRUE(IsLoopback("ipv6:[::1]:1"));
  for (const char* address :
       {"localhost.example:1", "10.0.0.1:1", "127.0.0.1.example:1", "127.example:1",
        "ipv4:127.0.0.1:1,10.0.0.1:1", "ipv4:10.0.0.1:1", "128.0.0.1:1", "unix:/run/mlp.sock"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

TEST(ServerAddressTest, RecognisesAddressesThatStayOnThisMachine) {
  for (const char* address : {"127.0.0.1:1", "localhost:1", "unix:/run/mlp.sock",
                              "unix:///run/mlp.sock", "unix-abstract:mlp"}) {
    EXPECT_TRUE(StaysOnThisMachine(address)) << address;
  }
  for (const char* address : {"unix:8001", "unix.example:1", "10.0.0.1:1", "dns:localhost:1"}) {
    EXPECT_FALSE(StaysOnThisMachine(address)) << address;
  }
}

}  // namespace
}  // namespace mlp
