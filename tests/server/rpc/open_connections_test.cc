#include "server/rpc/open_connections.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <optional>
#include <vector>

namespace mlp {
namespace {

using std::chrono::milliseconds;

constexpr OpenConnections::Clock::time_point kBegin =
    OpenConnections::Clock::time_point() + std::chrono::hours(1);

int OpenSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

sockaddr_storage Address(const char* text) {
  sockaddr_storage address{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(address);
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address);
  if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
    address.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1) {
    address.ss_family = AF_INET6;
  }
  return address;
}

TEST(OpenConnectionsTest, CountsConnectionsOfEachOriginAndInTotal) {
  OpenConnections open(3, 2);
  std::vector<int> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(OpenSocket());
  EXPECT_EQ(open.Add(sockets[0], "a", kBegin), std::nullopt);
  EXPECT_EQ(open.Add(sockets[1], "a", kBegin), std::nullopt);
  EXPECT_EQ(open.Add(sockets[2], "a", kBegin), ConnectionRefusal::kTooManyOfItsOrigin);
  EXPECT_EQ(open.Add(sockets[2], "b", kBegin), std::nullopt);
  EXPECT_EQ(open.Add(sockets[3], "c", kBegin), ConnectionRefusal::kTooMany);
  for (const int socket : sockets) close(socket);
}

TEST(OpenConnectionsTest, NoticesAClosedConnectionWhoseDescriptorIsReused) {
  OpenConnections open(1, 0);
  const int first = OpenSocket();
  EXPECT_EQ(open.Add(first, "a", kBegin), std::nullopt);
  close(first);
  const int second = OpenSocket();
  ASSERT_EQ(second, first);
  EXPECT_EQ(open.Add(second, "b", kBegin + milliseconds(100)), std::nullopt);
  const int third = OpenSocket();
  EXPECT_EQ(open.Add(third, "c", kBegin + milliseconds(200)), ConnectionRefusal::kTooMany);
  close(second);
  EXPECT_EQ(open.Add(third, "c", kBegin + milliseconds(210)), ConnectionRefusal::kTooMany)
      << "it looks again after 50 ms only";
  EXPECT_EQ(open.Add(third, "c", kBegin + milliseconds(250)), std::nullopt);
  close(third);
}

TEST(OpenConnectionsTest, AcceptsAnyWithoutLimits) {
  OpenConnections open(0, 0);
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(open.Add(-1, "a", kBegin), std::nullopt);
}

TEST(ConnectionOriginTest, IsAnIpv4AddressOrAnIpv6Network) {
  EXPECT_EQ(ConnectionOrigin(Address("192.0.2.1")), ConnectionOrigin(Address("::ffff:192.0.2.1")));
  EXPECT_NE(ConnectionOrigin(Address("192.0.2.1")), ConnectionOrigin(Address("192.0.2.2")));
  EXPECT_EQ(ConnectionOrigin(Address("2001:db8:0:1::1")),
            ConnectionOrigin(Address("2001:db8:0:1:ffff::2")));
  EXPECT_NE(ConnectionOrigin(Address("2001:db8:0:1::1")),
            ConnectionOrigin(Address("2001:db8:0:2::1")));
  EXPECT_EQ(ConnectionOrigin(Address("none")), "");
}

}  // namespace
}  // namespace mlp
