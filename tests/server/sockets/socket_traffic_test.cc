#include "server/sockets/socket_traffic.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "server/sockets/owned_descriptor.h"
#include "tests/server/sockets/tcp_connection.h"

namespace mlp {
namespace {

class SocketTrafficTest : public ::testing::Test {
 protected:
  SocketTrafficTest() : SocketTrafficTest(ConnectByTcp()) {}

  const OwnedDescriptor client_;
  const OwnedDescriptor server_;

 private:
  explicit SocketTrafficTest(std::array<int, 2> ends) : client_(ends[0]), server_(ends[1]) {}
};

TEST_F(SocketTrafficTest, ReportsSentAndReadBytes) {
  ASSERT_EQ(send(client_.get(), "hello", 5, 0), 5);
  ASSERT_EQ(send(server_.get(), "to you", 6, 0), 6);
  // A busy kernel may deliver the bytes a little later.
  pollfd event{server_.get(), POLLIN, 0};
  ASSERT_EQ(poll(&event, 1, /*timeout=*/120'000), 1);
  std::array<char, 3> bytes{};
  ASSERT_EQ(recv(server_.get(), bytes.data(), bytes.size(), 0), 3);
  const std::optional<SocketTraffic> traffic = SocketTrafficOf(server_.get());
  ASSERT_TRUE(traffic.has_value());
  EXPECT_EQ(traffic->sent, 6);
  EXPECT_EQ(traffic->read, 3);
}

// Bytes that arrive between two answers of the kernel would look as if they had been read.
TEST_F(SocketTrafficTest, DoesNotCountBytesArrivingMeanwhileAsRead) {
  std::atomic<bool> stop = false;
  std::thread sending([&] {
    while (!stop && send(client_.get(), "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
    }
  });
  std::uint64_t read = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::optional<SocketTraffic> traffic = SocketTrafficOf(server_.get());
    if (traffic) read += traffic->read;
  }
  stop = true;
  sending.join();
  EXPECT_EQ(read, 0);
}

}  // namespace
}  // namespace mlp
