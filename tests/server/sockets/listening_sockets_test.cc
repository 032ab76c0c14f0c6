#include "server/sockets/listening_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// The addresses of a name that resolves to these hosts.
std::vector<SocketAddress> Addresses(const std::vector<std::string>& hosts, int port = 0) {
  std::vector<SocketAddress> addresses;
  for (const std::string& host : hosts) {
    const auto one = ResolveAddress(absl::StrCat(host, ":", port));
    EXPECT_TRUE(one.ok()) << one.status();
    addresses.insert(addresses.end(), one->begin(), one->end());
  }
  return addresses;
}

int ListeningPort(const OwnedDescriptor& socket) { return PortOf(AddressOf(socket.get())); }

bool HasIpv6() { return ListenOnAll(Addresses({"[::1]"})).ok(); }

TEST(ListeningSocketsTest, ListensOnAllAddressesOnOnePort) {
  std::vector<std::string> hosts = {"127.0.0.1", "127.0.0.2"};
  if (HasIpv6()) hosts.insert(hosts.begin(), "[::1]");
  const auto sockets = ListenOnAll(Addresses(hosts));
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  ASSERT_EQ(sockets->size(), hosts.size());
  const int port = ListeningPort(sockets->front());
  EXPECT_NE(port, 0);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    EXPECT_EQ(TextOf(AddressOf((*sockets)[i].get())), absl::StrCat(hosts[i], ":", port));
  }
}

// Clients that used the name's other address would reach the other listener there.
TEST(ListeningSocketsTest, DoesNotListenIfOneOfTheAddressesIsInUse) {
  // A port that no other test has at the other address.
  auto taken = ListenOnAll(Addresses({"127.0.0.1", "127.0.0.2"}));
  ASSERT_TRUE(taken.ok()) << taken.status();
  taken->erase(taken->begin());
  const int port = ListeningPort(taken->front());
  for (const auto& hosts : {std::vector<std::string>{"127.0.0.1", "127.0.0.2"},
                            std::vector<std::string>{"127.0.0.2", "127.0.0.1"}}) {
    const auto sockets = ListenOnAll(Addresses(hosts, port));
    EXPECT_EQ(sockets.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(sockets.status().message(),
                HasSubstr(absl::StrCat("127.0.0.2:", port, " is in use")));
  }
}

// 198.51.100.0/24 is reserved for documentation, so no machine has it. ::1 is the same on a machine
// without IPv6.
TEST(ListeningSocketsTest, SkipsAnAddressThatTheMachineLacks) {
  for (const auto& hosts : {std::vector<std::string>{"198.51.100.1", "127.0.0.1"},
                            std::vector<std::string>{"127.0.0.1", "198.51.100.1"}}) {
    const auto sockets = ListenOnAll(Addresses(hosts));
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    EXPECT_EQ(sockets->size(), 1U);
  }
  const auto none = ListenOnAll(Addresses({"198.51.100.1"}));
  EXPECT_EQ(none.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(none.status().message(), HasSubstr("198.51.100.1:0 is not an address of this host"));
}

// 0.0.0.0 takes every port of 127.0.0.1, so no port is free for both and the search must end.
TEST(ListeningSocketsTest, EndsIfNoPortIsFreeForAllAddresses) {
  const auto sockets = ListenOnAll(Addresses({"127.0.0.1", "0.0.0.0"}));
  EXPECT_EQ(sockets.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(sockets.status().message(), HasSubstr("in use"));
}

TEST(ListeningSocketsTest, ListensOnBothWildcardAddresses) {
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6";
  const auto sockets = ListenOnAll(Addresses({"[::]", "0.0.0.0"}));
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_EQ(sockets->size(), 2U);
  EXPECT_EQ(ListeningPort(sockets->front()), ListeningPort(sockets->back()));
}

TEST(ListeningSocketsTest, ResolvesANameToEachOfItsAddressesOnce) {
  const auto addresses = ResolveAddress("localhost:8001");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  std::vector<std::string> texts;
  for (const SocketAddress& address : *addresses) texts.push_back(TextOf(address));
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "127.0.0.1:8001"), 1);
  EXPECT_LE(std::count(texts.begin(), texts.end(), "[::1]:8001"), 1);
}

TEST(ListeningSocketsTest, SaysThatAHostHasNoAddress) {
  for (const char* address : {"no.such.host.invalid:8001", "127.0.0.1", "127.0.0.1:"}) {
    EXPECT_EQ(ResolveAddress(address).status().code(), absl::StatusCode::kUnavailable) << address;
  }
}

}  // namespace
}  // namespace mlp
